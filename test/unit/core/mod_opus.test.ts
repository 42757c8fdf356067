import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSwitch } from '../../support/switch.ts'

const modules = ['mod_opus', 'mod_commands']

function opusConf(params: Readonly<Record<string, string>>): string {
  const lines = Object.entries(params).map(
    ([name, value]) => `<param name="${name}" value="${value}"/>`,
  )
  return `<configuration name="opus.conf"><settings>${lines.join('')}</settings></configuration>`
}

test('opus.conf shapes what is offered, and bad values count as not given', async () => {
  const configuration = opusConf({
    'use-vbr': 'false',
    'use-dtx': 'true',
    complexity: '11',
    'packet-loss-percent': '5',
    maxaveragebitrate: '18000',
    maxplaybackrate: '16000',
    'sprop-maxcapturerate': '11025',
  })
  await using test = await startSwitch({ modules, configuration })
  const [opus] = test.sw.codecs.choose('OPUS')
  assert.equal(
    opus?.fmtp,
    'useinbandfec=1; usedtx=1; cbr=1; maxaveragebitrate=18000; maxplaybackrate=16000; minptime=10; maxptime=40',
  )
  assert.equal(opus.settings, 'complexity=5;packet-loss-percent=5;bitrate=18000;usedtx=1;cbr=1')
})

test('without opus.conf it has its own habits; unloading takes it away', async () => {
  await using test = await startSwitch({ modules })
  assert.match(test.sw.codecs.choose('opus')[0]?.fmtp ?? '', /maxaveragebitrate=30000/)
  assert.match(await test.api('show codecs'), /OPUS \(STANDARD\),mod_opus/)
  assert.match(await test.api('unload mod_opus'), /^\+OK/)
  assert.deepEqual(test.sw.codecs.choose('opus'), [])
})
