/** The operator's page in Chromium with the server's own configuration: who may, calls that come and go, what is done with them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { skipWithoutChromium } from '../support/chromium.ts'
import { freePorts } from '../support/ports.ts'
import { copyOfConf, folderForTest, password, Server } from '../support/server.ts'
import { type WebPhone, WebPhones } from '../support/web-phone.ts'

const skip = skipWithoutChromium([])

describe('the operator’s page', { skip }, () => {
  let server: Server
  let browsers: WebPhones
  let folder: ReturnType<typeof folderForTest>
  let url = ''
  let desk: WebPhone

  const text = async (selector: string) => (await desk.page.textContent(selector)) ?? ''
  const originate = async (to: string, application: string) => {
    const reply = await server.api(`originate null/${to} ${application}`)
    return /^\+OK (\S+)/.exec(reply)?.[1] ?? assert.fail(reply)
  }
  const choose = (words: string) => desk.page.click(`.spacer .row:has-text("${words}"):visible`)
  const chooseBelow = (words: string) =>
    desk.page.click(`.spacer .row.child:has-text("${words}"):visible`)

  /** No row of an old call is left that could move under the next click. */
  const endAll = async () => {
    await server.api('hupall')
    await desk.until('no call', async () => /Calls \(0\)/.test(await text('#tabs')))
  }

  before(async () => {
    folder = folderForTest()
    const allowed = '<params>\n      <param name="operator-permissions" value="all"/>'
    const conf = copyOfConf(join(folder.path, 'conf'), {
      'directory/default/1000.xml': (text) => text.replace('<params>', allowed),
      // The agent and the tier that stand there as examples.
      'autoload_configs/callcenter.conf.xml': (text) =>
        text
          .replace(/<!-- (<(?:agent|tier) .*?\/>) -->/g, '$1')
          .replace('status="Available"', 'status="Logged Out"'),
    })
    const port = await freePorts(2)
    server = await Server.start({
      conf,
      set: { verto_port: String(port), verto_secure_port: String(port + 1) },
    })
    url = `https://127.0.0.1:${port + 1}/`
    browsers = new WebPhones()
    desk = await browsers.show(`${url}operator`, 1000)
  })
  after(async () => {
    await browsers?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    folder?.[Symbol.dispose]()
  })

  it('tells whoever may not see it so, in a sentence', async () => {
    await desk.signIn('1001', password)
    await desk.until('a sentence', async () => /not allowed/.test(await text('#sign-in-fault')))
    assert.equal(await desk.page.isVisible('#desk'), false)
    await desk.signIn('1001', 'wrong')
    await desk.until('the other', async () =>
      /password is wrong/.test(await text('#sign-in-fault')),
    )
  })

  it('shows a call that comes, hangs it up, and shows that it is gone', async () => {
    await desk.signIn('1000', password)
    await desk.until('to be signed in', () => desk.page.isVisible('#desk'))
    await desk.until('nobody', async () => /Calls \(0\)/.test(await text('#tabs')))
    const uuid = await originate('park', '&park')
    await desk.until('a call', async () => /talks.*park/.test(await text('.spacer')))
    await choose('park')
    await desk.page.click('#hang-up')
    await desk.until('the news', async () => /Done/.test(await text('#news')))
    await desk.until('no call', async () => /Calls \(0\)/.test(await text('#tabs')))
    const ended = await server.event('CHANNEL_HANGUP_COMPLETE', { 'Unique-ID': uuid })
    assert.equal(ended.headers.get('Hangup-Cause'), 'NORMAL_CLEARING')
    await server.logs(/1000@\S+ hangs up/)
  })

  it('transfers a call to where the operator could call himself', async () => {
    await originate('moved', '&park')
    await desk.until('a call', async () => /park/.test(await text('.spacer')))
    await choose('park')
    await desk.page.fill('#target', '9196')
    await desk.page.click('#transfer button')
    await desk.until('the echo', async () => /echo/.test(await text('.spacer')))
    await endAll()
  })

  it('shows of a call how it sounds, and the lines of the log that are about it', async () => {
    const uuid = await originate('looked-at', '&park')
    await originate('other', '&park')
    await desk.until('both calls', async () => /other/.test(await text('.spacer')))
    await choose('looked-at')
    await desk.until('words', async () => /^likely cause: /.test(await text('#why-cause')))
    const [tabs, wide] = await desk.page.evaluate<[number, number]>(
      "[document.getElementById('tabs').clientHeight, document.documentElement.scrollWidth]",
    )
    assert.ok(tabs > 30, 'the tabs stay, however long the text')
    assert.ok(wide <= 1280, String(wide))
    assert.match(await text('#why-text'), new RegExp(`leg A +null/looked-at +${uuid}`))
    await desk.page.click('#its-log')
    await desk.until('its lines', async () =>
      /answered null\/looked-at/.test(await text('.spacer')),
    )
    assert.doesNotMatch(await text('.spacer'), /other/)
    const level = (value: number) =>
      desk.page.evaluate(
        `((e) => { e.value = '${value}'; e.dispatchEvent(new Event('change')) })(document.getElementById('level'))`,
      )
    await level(3)
    await desk.until('no line so bad', async () =>
      /Nothing is like that/.test(await text('.empty')),
    )
    await desk.page.click('#all-calls')
    await server.api('log err a line that is bad')
    await desk.until('it', async () => /line that is bad/.test(await text('.spacer')))
    await server.api('log notice a line that is not')
    await server.api('log err another bad one')
    await desk.until('the next', async () => /another bad one/.test(await text('.spacer')))
    assert.doesNotMatch(await text('.spacer'), /line that is not|answered/)
    await level(7)
    await desk.until('every line', async () => /line that is not/.test(await text('.spacer')))
    await desk.page.click('#tab-legs')
    await endAll()
  })

  it('opens a conference: who is in, how they are, and what is done with them', async () => {
    const rows = () =>
      desk.page.evaluate<string[]>(
        "[...document.querySelectorAll('.spacer .row')].map((row) => row.textContent)",
      )
    const press = async (id: string, news: RegExp) => {
      await desk.page.click(`#${id}:visible`)
      await desk.until(`${id} to be done`, async () => news.test(await text('#news')))
    }
    await originate('ann', '&conference(3000)')
    await originate('bob', '&conference(3000)')
    await desk.page.click('#tab-conferences')
    await desk.until('both', async () => /ann, bob/.test((await rows())[0] ?? ''))
    assert.equal((await rows()).length, 1)
    await choose('3000')
    await desk.until('a row for each', async () => (await rows()).length === 3)
    await press('lock', /3000: Locked/)
    await desk.until('a locked room', async () => /locked/.test((await rows())[0] ?? ''))
    await press('lock', /No longer locked/)
    await press('record', /Recorded to conference-3000-/)
    await desk.until('a recorded room', async () => /recorded/.test((await rows())[0] ?? ''))
    await press('record', /No longer recorded/)
    await chooseBelow('bob')
    await press('mute', /bob: Muted/)
    await desk.until('a mute one', async () => /muted/.test((await rows())[2] ?? ''))
    await press('mute', /No longer muted/)
    await press('deafen', /Hears nothing/)
    await desk.until('a deaf one', async () => /hears nothing/.test((await rows())[2] ?? ''))
    await press('kick', /bob: Removed/)
    await desk.until('one member', async () => (await rows()).length === 2)
    // By keys: from the member to the room, which closes and opens.
    await chooseBelow('ann')
    await desk.page.keyboard.press('ArrowLeft')
    await desk.page.keyboard.press('ArrowLeft')
    await desk.until('a closed room', async () => (await rows()).length === 1)
    await desk.page.keyboard.press('Enter')
    await desk.until('an open room', async () => (await rows()).length === 2)
    desk.page.on('dialog', (dialog) => void dialog.accept())
    await press('hang-up-all', /Hung up: 1/)
    await desk.until('no conference', async () => /Conferences \(0\)/.test(await text('#tabs')))
    await server.logs(/1000@\S+ mutes member \d+ \(bob\) of conference 3000/)
    await server.logs(/1000@\S+ hangs up all of conference 3000/)
    await desk.page.click('#tab-legs')
  })

  it('shows the agents of a queue, and says for them whether they take calls', async () => {
    await desk.page.click('#tab-queues')
    await desk.until('the queue', async () => /1 logged out/.test(await text('.spacer')))
    await choose('support')
    await chooseBelow('1000@default')
    for (const [id, words] of [
      ['agent-available', 'Available'],
      ['agent-on-break', 'On Break'],
      ['agent-logged-out', 'Logged Out'],
    ] as const) {
      await desk.page.click(`#${id}`)
      await desk.until(words, async () => (await text('.row.child')).includes(`${words}, waiting`))
      const status = await server.api('callcenter_config agent get status 1000@default')
      assert.equal(status.trim(), words)
    }
    await desk.page.click('#tab-legs')
  })

  it('draws of a room with thousands of members only those who are seen, however many begin to talk', async () => {
    const drawn = await desk.page.evaluate<{
      rows: number
      listed: number
      changes: number
    }>(`(async () => {
      const [{ Table, arrangeTree }, { conferences }, { List }] = await Promise.all(
        ['table', 'rooms', 'list'].map((name) => import('/operator/' + name + '.js')))
      const members = new Table()
      const rooms = new Table(arrangeTree(() => conferences.children(new Map([['members', members]])), () => true))
      const member = (id, isTalking) => [String(id), { conference: 'big', id, number: String(id), name: '', isTalking }]
      rooms.apply({ isWhole: true, set: [['big', { name: 'big', count: 5000 }]], gone: [] })
      members.apply({ isWhole: true, set: Array.from({ length: 5000 }, (_, id) => member(id, false)), gone: [] })
      const list = new List({ ...conferences, label: 'a big room', onToggle() {} })
      list.element.style.height = '400px'
      document.body.append(list.element)
      const frames = async () => { for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame) }
      list.show(rooms.entries())
      await frames()
      let changes = 0
      new MutationObserver((all) => { changes += all.length })
        .observe(list.element, { subtree: true, childList: true, characterData: true })
      for (let id = 0; id < 2000; id++) {
        members.apply({ set: [member(id, true)], gone: [] })
        rooms.touch()
        if (id % 100 === 0) list.show(rooms.entries())
      }
      list.show(rooms.entries())
      await frames()
      const rows = list.element.querySelectorAll('.spacer .row').length
      list.element.remove()
      return { rows, listed: rooms.entries().length, changes }
    })()`)
    assert.equal(drawn.listed, 5001)
    assert.ok(drawn.rows > 5 && drawn.rows < 60, `${drawn.rows} rows`)
    assert.ok(drawn.changes > 0 && drawn.changes < 200, `${drawn.changes} changes`)
  })

  it('listens with the operator’s own web phone', async () => {
    const phone = await browsers.open(url, '1000', password, 1000)
    await phone.until('the way to the operator’s page', () => phone.page.isVisible('#operator'))
    await originate('heard', '&playback(tone_stream://%(60000,0,700))')
    await desk.until('a call', async () => /playback/.test(await text('.spacer')))
    await choose('playback')
    await desk.page.click('#listen')
    await phone.state('Calls you')
    await phone.press('Answer')
    await phone.hears(700)
    // Codec, MOS and loss stand side by side; a busy machine's browser may lose a packet or two.
    const row = /opus 48k, encrypted[1-5]\.\d\d{1,2}(\.\d+)? %verto\.rtc/i
    await desk.until('codec and quality of the browser’s leg', async () =>
      row.test(await text('.spacer')),
    )
    await endAll()
    await phone.over()
  })

  it('has only the rows in the page that can be seen, and goes through all by keys', async () => {
    await desk.page.click('#tab-log')
    await desk.page.setViewportSize({ width: 390, height: 700 })
    for (const size of ['200%', '']) {
      await desk.page.evaluate(`document.documentElement.style.fontSize = '${size}'`)
      const wide = await desk.page.evaluate<number>('document.documentElement.scrollWidth')
      assert.equal(wide, 390, `letters of ${size || '100%'}`)
    }
    await Promise.all(
      Array.from({ length: 300 }, (_, line) => server.api(`log notice line ${line} of many`)),
    )
    await desk.until('the last line', async () => /line 299 of many/.test(await text('.spacer')))
    const rows = await desk.page.evaluate<number>(
      "document.querySelectorAll('.spacer .row').length",
    )
    assert.ok(rows < 100, `${rows} rows`)
    const total = await desk.page.evaluate<string>(
      "document.querySelector('.grid').getAttribute('aria-rowcount')",
    )
    assert.ok(Number(total) > 300, total)
    assert.deepEqual(
      desk.log.filter((line) => /Error/.test(line)),
      [],
    )
  })
})
