/** The sending half of relay.ts, a process of its own: paced RTP on many sockets, loss and delay of what comes back. */
import { createSocket } from 'node:dgram'

const magic = 0x52505453
const streams = []
let delays = []
let phase = 0

/** One stream: a socket, the port to send to. Its peer stream receives what it sends. */
function stream(target) {
  const socket = createSocket({
    type: 'udp4',
    lookup: (address, _options, done) => done(null, address, 4),
  })
  const packet = Buffer.alloc(172, 0xd5)
  packet[0] = 0x80
  packet[1] = 0
  packet.writeUInt32BE(streams.length + 1, 8)
  packet.writeUInt32BE(magic, 12)
  const self = { socket, target, packet, sequence: 0, timestamp: 0, sent: 0, received: 0 }
  socket.on('message', (data) => {
    if (data.length < 28 || data.readUInt32BE(12) !== magic) return
    self.received++
    delays.push(Number(process.hrtime.bigint() - data.readBigUInt64BE(16)) / 1e6)
  })
  streams.push(self)
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)))
}

function send(self) {
  const { packet } = self
  packet.writeUInt16BE(self.sequence++ & 0xffff, 2)
  packet.writeUInt32BE(self.timestamp, 4)
  self.timestamp = (self.timestamp + 160) >>> 0
  packet.writeBigUInt64BE(process.hrtime.bigint(), 16)
  self.socket.send(packet, self.target, '127.0.0.1')
  self.sent++
}

/** Every 2 ms the tenth of the streams whose turn it is. */
let due = performance.now()
function turn() {
  while (due <= performance.now()) {
    for (let i = phase; i < streams.length; i += 10) if (streams[i].target > 0) send(streams[i])
    phase = (phase + 1) % 10
    due += 2
  }
  setTimeout(turn, Math.max(1, due - performance.now()))
}

process.on('message', async (message) => {
  if (message.add) {
    const ports = []
    for (const target of message.add) ports.push(await stream(target))
    process.send({ ports })
  } else if (message.aim) {
    message.aim.forEach((target, index) => {
      streams[streams.length - message.aim.length + index].target = target
    })
  } else if (message.mark) {
    delays = []
    for (const self of streams) self.sent = self.received = 0
  } else if (message.report) {
    delays.sort((a, b) => a - b)
    const at = (part) => delays[Math.floor(delays.length * part)] ?? null
    const sum = (key) => streams.reduce((total, self) => total + self[key], 0)
    process.send({ sent: sum('sent'), received: sum('received'), p50: at(0.5), p99: at(0.99) })
  } else process.exit(0)
})
turn()
