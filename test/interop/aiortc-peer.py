"""A WebRTC peer by aiortc: takes one line of JSON {"type", "sdp"} or {"offer": true, "video": bool}, answers with its own
description, sends a tone, and prints the strongest frequency that it hears as {"heard": Hz} every half second. With a colour
("200,30,30") it sends a picture of it too, and prints that of the middle of each twentieth picture as {"seen": [r, g, b]}."""

import asyncio
import fractions
import json
import sys

import numpy
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

RATE = 48000
SAMPLES = 960
frequency = float(sys.argv[1])
colour = [int(part) for part in sys.argv[2].split(",")] if len(sys.argv) > 2 else None


class Tone(AudioStreamTrack):
    def __init__(self):
        super().__init__()
        self.at = 0
        self.begin = None

    async def recv(self):
        loop = asyncio.get_event_loop()
        if self.begin is None:
            self.begin = loop.time()
        wait = self.begin + self.at / RATE - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        t = (numpy.arange(SAMPLES) + self.at) / RATE
        pcm = (numpy.sin(2 * numpy.pi * frequency * t) * 12000).astype(numpy.int16)
        frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), layout="mono")
        frame.sample_rate = RATE
        frame.pts = self.at
        frame.time_base = fractions.Fraction(1, RATE)
        self.at += SAMPLES
        return frame


class Picture(VideoStreamTrack):
    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame.from_ndarray(numpy.full((120, 160, 3), colour, numpy.uint8), format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


def say(value):
    print(json.dumps(value), flush=True)


async def listen(track):
    heard = numpy.zeros(0)
    while True:
        frame = await track.recv()
        pcm = frame.to_ndarray().reshape(-1).astype(numpy.float64)
        channels = len(frame.layout.channels)
        heard = numpy.concatenate([heard, pcm[::channels]])
        if len(heard) < frame.sample_rate // 2:
            continue
        spectrum = numpy.abs(numpy.fft.rfft(heard * numpy.hanning(len(heard))))
        best = int(numpy.argmax(spectrum))
        loud = float(numpy.sqrt(numpy.mean(heard**2)))
        say({"heard": best * frame.sample_rate / len(heard) if loud > 200 else 0})
        heard = numpy.zeros(0)


async def look(track):
    count = 0
    while True:
        frame = await track.recv()
        count += 1
        if count % 20 == 0:
            say({"seen": [int(part) for part in frame.to_ndarray(format="rgb24")[60, 80]]})


async def refresh(sender):
    # aiortc asks for a whole picture only after loss: whoever begins late would see none.
    while True:
        await asyncio.sleep(1)
        sender._send_keyframe()


async def guarded(track):
    try:
        await (look if track.kind == "video" else listen)(track)
    except Exception as error:
        say({"error": repr(error)})


async def main():
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTrack(Tone())
    if colour:
        asyncio.ensure_future(refresh(peer.addTrack(Picture())))

    @peer.on("track")
    def on_track(track):
        asyncio.ensure_future(guarded(track))

    @peer.on("connectionstatechange")
    def on_state():
        say({"state": peer.connectionState})

    loop = asyncio.get_event_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            break
        message = json.loads(line)
        if message.get("offer"):
            await peer.setLocalDescription(await peer.createOffer())
            say({"type": "offer", "sdp": peer.localDescription.sdp})
            continue
        if message.get("close"):
            await peer.close()
            break
        await peer.setRemoteDescription(RTCSessionDescription(message["sdp"], message["type"]))
        if message["type"] == "offer":
            await peer.setLocalDescription(await peer.createAnswer())
            say({"type": "answer", "sdp": peer.localDescription.sdp})


asyncio.run(main())
