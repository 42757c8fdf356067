/** fs_cli.conf, and whose word counts: the command line's, the profile's, the local server's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLocalServer } from '../../../src/cli/local-server.ts'
import { chooseProfile, parseProfiles } from '../../../src/cli/profile.ts'
import { chooseColour, chooseTarget, chooseUuidLength } from '../../../src/cli/settings.ts'

const text = `; the switches I look after
[home]
host => pbx.home   ;; the old box
PORT = 8022
password => s=cret
loglevel => info
key_f5 => sofia status profile external
key_toggle_F5 => sofia status
log-uuid-short => yes
prompt-string => %s

# a remark
[default]
quiet => true
debug => 9
fancy => yes
nonsense
__END__
[after] the end
`

test('sections are profiles; names are without case, = and => the same, ;; begins a remark', () => {
  const [home] = parseProfiles(text, 'fs_cli.conf').profiles
  assert.equal(home?.name, 'home')
  assert.equal(home?.host, 'pbx.home')
  assert.equal(home?.port, 8022)
  assert.equal(home?.password, 's=cret')
  assert.equal(home?.logLevel, 'info')
  assert.equal(home?.promptString, '%s')
  assert.deepEqual([...home!.functionKeys], [[5, 'sofia status profile external']])
  assert.deepEqual([...home!.toggledKeys], [[5, 'sofia status']])
})

test('what is not understood is told with file and line, and the rest holds', () => {
  const { profiles, warnings } = parseProfiles(text, 'fs_cli.conf')
  assert.equal(profiles.length, 2)
  assert.equal(profiles[1]?.isQuiet, true)
  assert.equal(profiles[1]?.debug, undefined)
  assert.deepEqual(warnings, [
    'fs_cli.conf:15: debug: 9 is not a whole number from 0 to 7',
    'fs_cli.conf:16: unknown setting fancy',
    'fs_cli.conf:17: neither a [profile] nor a setting => value',
  ])
})

test('a setting before the first profile is told', () => {
  const { warnings } = parseProfiles('host => x\n', 'f')
  assert.deepEqual(warnings, ['f:1: a setting before the first [profile]'])
})

test('without a name the profile is default, else the first; an unknown name is an error', () => {
  const { profiles } = parseProfiles(text, 'f')
  assert.equal(chooseProfile(profiles, undefined)?.name, 'default')
  assert.equal(chooseProfile(profiles.slice(0, 1), undefined)?.name, 'home')
  assert.equal(chooseProfile(profiles, 'home')?.name, 'home')
  assert.equal(chooseProfile([], undefined), undefined)
  assert.throws(() => chooseProfile(profiles, 'work'), /no profile work .*home, default/)
})

const local = { host: '127.0.0.1', port: 8030, password: 'generated' }
const builtIn = { host: '127.0.0.1', port: 8021, password: 'ClueCon', user: undefined }
const profileOf = (lines: string) => parseProfiles(`[p]\n${lines}`, 'f').profiles[0]

test('with nothing said the local server is taken, else the port and password everybody knows', () => {
  assert.deepEqual(
    chooseTarget({}, undefined, () => local),
    { ...local, user: undefined },
  )
  assert.deepEqual(
    chooseTarget({}, undefined, () => undefined),
    builtIn,
  )
})

test('the command line wins over the profile, the profile over the local server', () => {
  const profile = profileOf('host => 127.0.0.1\npassword => mine')
  const target = chooseTarget({ port: 8030 }, profile, () => local)
  assert.deepEqual(target, { host: '127.0.0.1', port: 8030, password: 'mine', user: undefined })
})

test("the local server's password is not sent to another host, nor to another port", () => {
  assert.equal(chooseTarget({ host: 'pbx' }, undefined, () => local).password, 'ClueCon')
  assert.equal(chooseTarget({ port: 8021 }, undefined, () => local).password, 'ClueCon')
  assert.equal(chooseTarget({ host: 'localhost' }, undefined, () => local).password, 'generated')
  assert.equal(chooseTarget({ user: 'a@b' }, undefined, () => local).password, 'ClueCon')
})

test('the local server is not asked when all is said', () => {
  const never = () => assert.fail('asked')
  chooseTarget({ host: 'h', port: 1, password: 'p' }, undefined, never)
})

test('the local server file gives an address that can be connected to', () => {
  const file = (host: string) => JSON.stringify({ host, port: 8021, password: 'x' })
  assert.equal(parseLocalServer(file('0.0.0.0'), 'f').host, '127.0.0.1')
  assert.equal(parseLocalServer(file('::'), 'f').host, '::1')
  assert.equal(parseLocalServer(file('10.0.0.1'), 'f').host, '10.0.0.1')
})

test('a local server file that cannot be used names itself', () => {
  for (const bad of ['', '[]x', 'null', '{}', '{"host":"h","port":"8021","password":"x"}']) {
    assert.throws(
      () => parseLocalServer(bad, 'data/event_socket.json'),
      /^SwitchError: data\/event/,
    )
  }
})

test('the uuid before log lines is whole, shortened or absent', () => {
  assert.equal(chooseUuidLength({}, undefined), 0)
  assert.equal(chooseUuidLength({ logUuidLength: 8 }, undefined), 8)
  assert.equal(chooseUuidLength({}, profileOf('log-uuid => true')), Number.POSITIVE_INFINITY)
  assert.equal(chooseUuidLength({}, profileOf('log-uuid-short => true')), 8)
  assert.equal(chooseUuidLength({}, profileOf('log-uuid => true\nlog-uuid-length => 4')), 4)
})

test('colours follow the terminal unless -n, FS_CLI_COLOR or NO_COLOR say otherwise', () => {
  assert.equal(chooseColour({}, {}, true), true)
  assert.equal(chooseColour({}, {}, false), false)
  assert.equal(chooseColour({ hasColour: false }, { FS_CLI_COLOR: 'true' }, true), false)
  assert.equal(chooseColour({}, { FS_CLI_COLOR: 'yes' }, false), true)
  assert.equal(chooseColour({}, { FS_CLI_COLOR: 'no' }, true), false)
  assert.equal(chooseColour({}, { NO_COLOR: '1' }, true), false)
  assert.equal(chooseColour({}, { TERM: 'dumb' }, true), false)
})
