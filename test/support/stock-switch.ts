/** A switch with the configuration that comes with the program, on free ports of 127.0.0.1, and telephones for its users. */
import { resolve } from 'node:path'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { Phone, type PhoneCall } from './phone.ts'
import { startSwitch, type TestSwitch } from './switch.ts'

const password = 'made-for-tests'
const address = '127.0.0.1'

export interface StockSwitch extends TestSwitch {
  /** A registered telephone of a user; it ends with the switch. */
  phone(user: string): Promise<Phone>
  /** A user dials something and waits for what becomes of it: the status, and the call when it was answered. */
  dial(phone: Phone, number: string): Promise<{ readonly status: number; readonly call: PhoneCall }>
  /** A user dials a feature code and waits for the server to hang up. */
  feature(phone: Phone, code: string): Promise<void>
}

export async function startStockSwitch(
  globals: Readonly<Record<string, string>> = {},
): Promise<StockSwitch> {
  const test = await startSwitch({
    confDir: resolve('conf'),
    media: 'real',
    // Nothing is written to the screen, and nobody controls it from outside.
    without: ['mod_console', 'mod_logfile', 'mod_event_socket'],
    globals: { conf_dir: resolve('conf'), sounds_dir: '/nonexistent', base_dir: resolve('.') },
    overrides: {
      local_ip_v4: address,
      local_ip_v6: '',
      domain: address,
      internal_sip_port: '0',
      external_sip_port: '0',
      event_socket_password: 'none',
      default_password: password,
      ...globals,
    },
  })
  const listeners = profileNamed(test.sw, 'internal')?.agent.listeners ?? []
  const port = listeners.find((listener) => listener.protocol === 'udp')?.port ?? 0
  const phones: Phone[] = []
  const endSwitch = test[Symbol.asyncDispose].bind(test)
  const dial = async (phone: Phone, number: string) => {
    const call = await phone.call(number)
    const { status } = await call.outcome()
    return { status, call }
  }
  return Object.assign(test, {
    async phone(user: string) {
      const options = { user, server: `${address}:${port}`, domain: address, password }
      const phone = await Phone.open(options)
      phones.push(phone)
      const { status } = await phone.register()
      if (status !== 200) throw new Error(`${user} cannot register: ${status}`)
      return phone
    },
    dial,
    async feature(phone: Phone, code: string) {
      const { status, call } = await dial(phone, code)
      if (status !== 200) throw new Error(`${code} is answered with ${status}`)
      await call.hungUp()
    },
    async [Symbol.asyncDispose]() {
      await endSwitch()
      for (const phone of phones) await phone[Symbol.asyncDispose]()
    },
  })
}
