/** The programs that tests talk to: what each is for, and how to get it on Debian and Ubuntu. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * `command` is looked for on the PATH; `file` is a path with at most one `*` folder; `otherwise` names a command, and the package of
 * that name, that does as well.
 */
const peers = [
  { command: 'sipp', package: 'sip-tester', without: 'interop tests with SIPp' },
  { command: 'baresip', package: 'baresip', without: 'interop tests with baresip' },
  { command: 'tmux', package: 'tmux', without: 'tests of the console on a screen' },
  { command: 'sox', package: 'sox', without: 'tests that compare sound files with SoX' },
  { command: 'ffmpeg', package: 'ffmpeg', without: 'tests of sound files made by ffmpeg' },
  { command: 'opusenc', package: 'opus-tools', without: 'tests of Ogg Opus files made by others' },
  { command: 'oggenc', package: 'vorbis-tools', without: 'tests of Ogg Vorbis files' },
  { command: 'flite', package: 'flite', without: 'text to speech with flite' },
  { command: 'espeak-ng', package: 'espeak-ng', without: 'text to speech with espeak-ng' },
  { command: 'text2wave', package: 'festival', without: 'text to speech by tts_commandline' },
  {
    // Festival only recommends a voice.
    file: '/usr/share/festival/voices/english/kal_diphone',
    package: 'festvox-kallpc16k',
    without: 'text to speech by tts_commandline',
  },
  {
    command: 'multimon-ng',
    package: 'multimon-ng',
    without: 'tests that decode our DTMF independently',
  },
  {
    file: '/usr/lib/*/faketime/libfaketime.so.1',
    package: 'libfaketime',
    without: 'tests at another time of day',
  },
  { command: 'ffmpeg', package: 'ffmpeg', without: 'SRTP with ffmpeg' },
  {
    file: '/usr/include/*/spandsp.h',
    package: 'libspandsp-dev',
    without: 'tests of codecs against libspandsp',
  },
  { command: 'gst-launch-1.0', package: 'gstreamer1.0-tools', without: 'SRTP with libsrtp' },
  {
    file: '/usr/lib/*/gstreamer-1.0/libgstaudiotestsrc.so',
    package: 'gstreamer1.0-plugins-base',
    without: 'SRTP with libsrtp',
  },
  {
    file: '/usr/lib/*/gstreamer-1.0/libgstudp.so',
    package: 'gstreamer1.0-plugins-good',
    without: 'SRTP with libsrtp',
  },
  {
    file: '/usr/lib/*/gstreamer-1.0/libgstsrtp.so',
    package: 'gstreamer1.0-plugins-bad',
    without: 'SRTP with libsrtp',
  },
  {
    // The same browser without its windows: it starts with half the work. Older releases have only the whole of it.
    command: 'chromium-headless-shell',
    package: 'chromium-headless-shell',
    otherwise: 'chromium',
    without: 'browsers as phones',
  },
  {
    file: '/usr/lib/python3/dist-packages/aiortc/__init__.py',
    package: 'python3-aiortc',
    without: 'WebRTC with aiortc',
  },
  { command: 'turnserver', package: 'coturn', without: 'calls through a TURN server' },
  { command: 'python3', package: 'python3', without: 'tests with Python clients' },
  { command: 'gcc', package: 'gcc', without: 'the load generator' },
  { command: 'g++', package: 'g++', without: 'tests that need a pseudo terminal' },
  { command: 'make', package: 'make', without: 'tests that need a pseudo terminal' },
]

/** Installs what is missing where it can, and says what will be skipped where it cannot. */
function installPrograms() {
  let missing = peers.filter((peer) => !isThere(peer))
  if (missing.length > 0 && canInstall()) {
    const names = missing.map((peer) => peer.package)
    console.log(`installing ${names.join(' ')}`)
    apt(['update'])
    // One by one when all at once fails: a name that this release lacks must not cost the others.
    if (!apt(['install', ...names])) for (const name of names) apt(['install', name])
    missing = missing.filter((peer) => !isThere(peer))
    for (const { otherwise } of missing) if (otherwise) apt(['install', otherwise])
    missing = missing.filter((peer) => !isThere(peer))
  }
  const why = canInstall()
    ? 'apt-get could not install it'
    : 'only root on Debian or Ubuntu can install it from here'
  for (const peer of missing) {
    console.log(`missing: ${peer.package}: ${peer.without} will be skipped (${why})`)
  }
}

function isThere(peer) {
  if (peer.command) return isCommand(peer.command) || isCommand(peer.otherwise)
  const [before, after] = peer.file.split('*')
  if (after === undefined) return existsSync(before)
  return existsSync(before) && readdirSync(before).some((name) => existsSync(before + name + after))
}

function isCommand(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return name !== undefined && folders.some((folder) => existsSync(join(folder, name)))
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

function apt(args) {
  const result = spawnSync(
    'apt-get',
    [
      '-qq',
      '-y',
      '-o',
      'Dpkg::Use-Pty=0',
      '-o',
      'Acquire::Retries=1',
      '-o',
      'Acquire::http::Timeout=20',
      '--no-install-recommends',
      ...args,
    ],
    {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 240_000,
      encoding: 'utf8',
    },
  )
  if (result.status !== 0)
    console.log(`apt-get ${args.join(' ')}: ${(result.stderr ?? '').trim().split('\n').at(-1)}`)
  return result.status === 0
}

/** node-pty gives tests a terminal; its native half is compiled once. */
export function preparePty(root) {
  const works = () => {
    try {
      execFileSync('node', ['-e', "require('node-pty')"], { cwd: root, stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  if (works()) return
  console.log('preparing node-pty')
  spawnSync('npm', ['rebuild', 'node-pty', '--ignore-scripts=false'], {
    cwd: root,
    stdio: 'ignore',
    timeout: 240_000,
  })
  if (!works())
    console.log(
      'missing: node-pty: tests that need a pseudo terminal will be skipped (it needs python3 make g++)',
    )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) installPrograms()
