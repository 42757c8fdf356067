/** scripts/add_user as a person runs it: users into a copy of the directory, and what the screen says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'

/** A copy of conf/ for one test, and add_user working on it. */
function setUp(context: TestContext) {
  const conf = mkdtempSync(join(tmpdir(), 'add-user-'))
  context.after(() => rmSync(conf, { recursive: true }))
  cpSync('conf', conf, { recursive: true })
  const folder = join(conf, 'directory/default')
  const addUser = (...args: string[]) => {
    const all = ['scripts/add_user', `--confpath=${conf}`, ...args]
    const { status, stdout, stderr } = spawnSync('sh', all, { encoding: 'utf8' })
    // A launcher says so when it has to build first; that is not this tool's word.
    return { status, stdout, stderr: stderr.replace(/^strowger: .*\n/gm, '') }
  }
  return {
    conf,
    folder,
    addUser,
    read: (id: string) => readFileSync(join(folder, `${id}.xml`), 'utf8'),
  }
}

test('one user is written, and the screen says where and what the dialplan would need', (context) => {
  const { folder, addUser, read } = setUp(context)
  writeFileSync(join(folder, '1020.xml'), read('1019').replaceAll('1019', '1020'))
  assert.deepEqual(addUser('3000'), {
    status: 0,
    stderr: '',
    stdout: `
Added 3000 in file ${folder}/3000.xml 

Operation complete. 1 user added.
Be sure to reloadxml.

Regular expression information:

            Sample regex for all new users: ^3000$
Sample regex for all new AND current users: ^(10(0[0-9]|1[0-9]|20)|3000)$

In the default configuration you can modify the expression in the condition for 'Local_Extension'.
`,
  })
  assert.equal(read('3000'), read('1019').replaceAll('1019', '3000'))
})

test('a range skips the users that exist and leaves their files alone', (context) => {
  const { folder, addUser, read } = setUp(context)
  writeFileSync(join(folder, '1020.xml'), read('1019').replaceAll('1019', '1020'))
  assert.equal(addUser('3000', '--password=own').status, 0)
  const before = read('3000')
  const { status, stdout, stderr } = addUser('--users=3000-3010')
  assert.equal(status, 0)
  assert.equal(stderr, 'User id 3000 already exists, skipping...\n')
  assert.equal(stdout.match(/^Added \d+ in file .* $/gm)?.length, 10)
  assert.match(stdout, /^Operation complete\. 10 users added\.$/m)
  assert.match(stdout, /new users: \^30\(0\[123456789\]\|10\)\$$/m)
  assert.match(stdout, /current users: \^\(10\(0\[0-9\]\|1\[0-9\]\|20\)\|30\(0\[0-9\]\|10\)\)\$$/m)
  assert.equal(read('3000'), before)
})

test('adding nobody says so', (context) => {
  const { addUser } = setUp(context)
  assert.deepEqual(addUser('1000'), {
    status: 0,
    stdout: '\n\nOperation complete. No users added.\n',
    stderr: 'User id 1000 already exists, skipping...\n',
  })
})

test('a file of that name is never overwritten, even if it holds another user', (context) => {
  const { folder, addUser, read } = setUp(context)
  writeFileSync(join(folder, '3000.xml'), '<include><user id="9999"/></include>\n')
  assert.equal(addUser('3000').stderr, `${folder}/3000.xml exists, skipping...\n`)
  assert.equal(read('3000'), '<include><user id="9999"/></include>\n')
})

test('a user that another file holds counts as existing, also by its alias; a comment does not', (context) => {
  const { folder, addUser } = setUp(context)
  writeFileSync(
    join(folder, 'more.xml'),
    '<include>\n<user id="3001" number-alias="3002"/>\n<!-- <user id="3003"/> -->\n</include>\n',
  )
  const { stdout, stderr } = addUser('--users=3001-3003')
  assert.equal(stderr.match(/already exists/g)?.length, 2)
  assert.match(stdout, /^Operation complete\. 1 user added\.$/m)
})

test('password and PIN are written, with XML characters escaped', (context) => {
  const { addUser, read } = setUp(context)
  assert.equal(addUser('3000', '--password=a<b>&"c', '--vmpin=4711').status, 0)
  assert.match(read('3000'), /name="password" value="a&lt;b&gt;&amp;&quot;c"/)
  assert.match(read('3000'), /name="vm-password" value="4711"/)
})

test('bad arguments give one line on stderr, a status, and no file', (context) => {
  const { conf, folder, addUser } = setUp(context)
  const before = readdirSync(folder)
  const cases: readonly (readonly [args: string[], message: RegExp])[] = [
    [[], /^You must specify user id/],
    [['0100'], /cannot begin with the digit zero/],
    [['--users=3010-3000'], /^End of range needs to be greater/],
    [['3000', '--domain=nowhere'], /directory\/nowhere' does not exist/],
    [['3000', `--confpath=${conf}/nowhere`], /nowhere' does not exist/],
    [
      ['3000', `--confpath=${conf}/dialplan`],
      /^Directory path '.*dialplan\/directory' does not exist/,
    ],
    [['3000', '--what'], /^Unknown option '--what'/],
  ]
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = addUser(...args)
    assert.notEqual(status, 0, args.join(' '))
    assert.equal(stdout, '')
    assert.match(stderr, message)
    assert.equal(stderr.split('\n').length, 2, stderr)
  }
  assert.deepEqual(readdirSync(folder), before)
})

test('the users that come with the configuration are what add_user writes', (context) => {
  const { folder, addUser } = setUp(context)
  rmSync(folder, { recursive: true })
  cpSync(resolve('conf/directory/default.xml'), join(folder, 'none.txt'))
  assert.equal(addUser('--users=1000-1019').status, 0)
  for (let id = 1000; id <= 1019; id++) {
    const written = readFileSync(join(folder, `${id}.xml`), 'utf8')
    assert.equal(written, readFileSync(`conf/directory/default/${id}.xml`, 'utf8'))
  }
})
