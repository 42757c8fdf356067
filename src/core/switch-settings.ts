/** The params of switch.conf.xml. */
import { idle } from './setting-words.ts'
import type { Setting } from './settings.ts'

const compatibility = 'belongs to another implementation'

export const switchSettings: readonly Setting[] = [
  { name: 'max-sessions', type: 'number', default: '1000', about: 'channels at a time' },
  { name: 'sessions-per-second', type: 'number', default: '30', about: 'new channels a second' },
  {
    name: 'loglevel',
    type: 'text',
    default: 'debug',
    about: 'the most detailed level that is logged',
  },
  { name: 'rtp-start-port', type: 'port', default: '16384', about: 'first port for sound' },
  { name: 'rtp-end-port', type: 'port', default: '32768', about: 'last port for sound' },
  {
    name: 'media-workers',
    type: 'number',
    about: 'threads for sound; default: processors minus one',
  },
  {
    name: 'media-io',
    type: 'text',
    default: 'auto',
    oneOf: ['auto', 'io_uring', 'dgram'],
    about: 'how sound threads reach the network; auto: io_uring where the system has it',
  },
  { name: 'switchname', type: 'text', about: 'the name in events and prompts' },
  {
    name: 'event-heartbeat-interval',
    type: 'number',
    default: '20',
    about: 'seconds between HEARTBEAT events',
  },
  { name: 'min-dtmf-duration', type: 'number', default: '400', about: 'samples at 8 kHz' },
  { name: 'max-dtmf-duration', type: 'number', default: '192000', about: 'samples at 8 kHz' },
  { name: 'default-dtmf-duration', type: 'number', default: '2000', about: 'samples at 8 kHz' },
  { name: 'verbose-channel-events', type: 'boolean', about: 'every event carries variables' },
  {
    name: 'mailer-app',
    type: 'text',
    about: 'the program that takes mail where no SMTP server is named, as sendmail does',
  },
  { name: 'mailer-app-args', type: 'text', default: '-t', about: 'further words for it' },
  {
    name: 'colorize-console',
    type: 'boolean',
    ignored: true,
    fits: ['true', 'yes'],
    about: 'the console finds out by itself',
  },
  {
    name: 'dialplan-timestamps',
    type: 'boolean',
    ignored: true,
    fits: ['false', 'true'],
    about: 'every line has its time',
  },
  {
    name: 'rtp-enable-zrtp',
    type: 'boolean',
    ignored: true,
    fits: 'off',
    about: 'ZRTP is not offered',
  },
  { name: 'max-db-handles', type: 'number', ignored: true, about: 'the database is embedded' },
  { name: 'db-handle-timeout', type: 'number', ignored: true, about: 'the database is embedded' },
  { name: 'core-db-name', type: 'text', ignored: true, about: 'the database is embedded' },
  { name: 'core-db-dsn', type: 'text', ignored: true, about: 'the database is embedded' },
  {
    name: 'auto-create-schemas',
    type: 'boolean',
    ignored: true,
    about: 'the database is embedded',
  },
  { name: 'auto-clear-sql', type: 'boolean', ignored: true, about: 'the database is embedded' },
  ...idle(
    '1ms-timer core-db-inner-post-trans-execute core-db-inner-pre-trans-execute core-db-post-trans-execute core-db-pre-trans-execute core-dbtype core-non-sqlite-db-required enable-clock-nanosleep enable-cond-yield enable-early-hangup enable-monotonic-timing enable-timer-matrix enable-use-system-time events-use-dispatch initial-event-threads odbc-skip-autocommit-flip session-thread-pool spawn-instead-of-system threaded-system-exec',
    compatibility,
  ),
  ...idle(
    'api-expansion caller-profile-soft-lookup-values caller-profile-soft-variables-uses-prefix debug-level event-channel-enable-hierarchy-deliver event-channel-hierarchy-deliver-once event-channel-key-separator event-channel-log-undeliverable-json exclude-error-log-from-xml-cdr ice-resolve-candidate max-audio-channels multiple-registrations rtp-port-usage-robustness rtp-retain-crypto-keys',
    'not in this version',
  ),
  { name: 'min-idle-cpu', type: 'number', ignored: true, about: compatibility },
  { name: 'cpu-idle-smoothing-depth', type: 'number', ignored: true, about: compatibility },
  { name: 'dump-cores', type: 'boolean', ignored: true, about: compatibility },
  { name: 'tipping-point', type: 'number', ignored: true, about: compatibility },
  { name: 'timer-affinity', type: 'text', ignored: true, about: compatibility },
  { name: 'enable-softtimer-timerfd', type: 'text', ignored: true, about: compatibility },
  { name: 'uuid-version', type: 'number', ignored: true, about: 'uuids are of version 4' },
]
