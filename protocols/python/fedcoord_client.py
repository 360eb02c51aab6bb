#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""A worker that trains nothing, written from protocols/wire.md without any of the Swift code.

It joins a coordinator with a certificate, takes assignments, sends back a dense-float32 update of zeros, and prints
what it is told, one line of JSON an event. --misbehave makes it break one rule, for tests of the coordinator.

    pip install -r requirements.txt
    python3 fedcoord_client.py --host 127.0.0.1 --port 7070 --certificate worker.pem --key worker.key --authority ca.pem

Exit status: 0 after the wanted number of receipts or the end of the run, 1 when the connection ended before.
"""

import argparse
import hashlib
import json
import math
import os
import socket
import ssl
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fedcoord.v1 import envelope_pb2, round_pb2  # noqa: E402

CONTROL, DATA, END, CREDIT, RESET = 1, 2, 3, 4, 5
LONGEST = {CONTROL: 1 << 20, DATA: 256 << 10, END: 0, CREDIT: 4, RESET: 4}
INITIAL_CREDIT = 64 << 10
WINDOW = 1 << 20
ABANDONED = 1
DENSE_FLOAT32 = b"\xfc\x01\x01\x00"

MISBEHAVIOURS = [
    "truncated",  # ends the transfer early
    "garbled",  # sends other bytes than the digest is of
    "oversize",  # sends more bytes than announced
    "wrong-round",  # names a round that is not under way
    "wrong-name",  # names another worker
    "nan",  # sends NaN
    "bad-count",  # claims a negative number of examples
    "unknown-codec",  # names a codec that does not exist
    "wrong-layout",  # sends one value too few
    "bad-metrics",  # reports metrics that are not numbers
    "undecodable",  # sends bytes that are not of the codec
    "ungranted",  # sends without credit: the coordinator must close the connection
    "bad-frame",  # sends a frame that does not exist: the coordinator must close the connection
    "silent",  # takes the assignment and sends no heartbeats any more
]


def report(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


class Closed(Exception):
    """The connection is over."""


class Transfer:
    """Bytes that come in on one stream."""

    def __init__(self, header):
        self.header = header
        self.digest = hashlib.sha256()
        self.received = 0
        self.granted = INITIAL_CREDIT


class Client:
    def __init__(self, arguments):
        self.arguments = arguments
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(arguments.authority)
        context.load_cert_chain(arguments.certificate, arguments.key)
        context.set_alpn_protocols(["fedcoord/1"])
        plain = socket.create_connection((arguments.host, arguments.port), timeout=arguments.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname=arguments.server_name or arguments.host)
        if self.socket.selected_alpn_protocol() != "fedcoord/1":
            raise Closed("the server does not speak fedcoord/1")
        self.heartbeat_seconds = 5.0
        self.is_beating = False
        self.last_beat = time.monotonic()
        self.waiting = []
        self.next_stream = 1
        self.incoming = {}
        self.credit = {}
        self.resets = {}
        self.runs = {}

    # Frames

    def write(self, kind, stream, payload=b""):
        self.socket.settimeout(self.arguments.timeout)
        self.socket.sendall(struct.pack(">IBI", len(payload), kind, stream) + payload)

    def read_exactly(self, count):
        pieces = bytearray()
        last_heard = time.monotonic()
        while len(pieces) < count:
            self.beat()
            self.socket.settimeout(min(0.5, self.heartbeat_seconds / 2))
            try:
                piece = self.socket.recv(min(count - len(pieces), 1 << 16))
            except TimeoutError:
                if time.monotonic() - last_heard > self.arguments.timeout:
                    raise Closed("the coordinator is silent") from None
                continue
            if not piece:
                raise Closed("the coordinator closed the connection")
            last_heard = time.monotonic()
            pieces += piece
        return bytes(pieces)

    def read_frame(self):
        length, kind, stream = struct.unpack(">IBI", self.read_exactly(9))
        if kind not in LONGEST or length > LONGEST[kind]:
            raise Closed(f"a frame of type {kind} with {length} bytes")
        return kind, stream, self.read_exactly(length)

    def send(self, **message):
        self.write(CONTROL, 0, envelope_pb2.Envelope(**message).SerializeToString())

    # Reading

    def handle_frame(self):
        """Reads one frame; returns (name, message, transfer bytes or None) when one is complete, otherwise None."""
        kind, stream, payload = self.read_frame()
        if kind == CONTROL:
            envelope = envelope_pb2.Envelope.FromString(payload)
            name = envelope.WhichOneof("message")
            if name is None or name == "heartbeat":
                return None
            message = getattr(envelope, name)
            if name == "assignment":
                self.incoming[message.model.stream] = (message, Transfer(message.model))
                self.grow(message.model.stream)
                return None
            return name, message
        if kind == CREDIT:
            self.credit[stream] = self.credit.get(stream, 0) + struct.unpack(">I", payload)[0]
        elif kind == RESET and stream % 2 == 1:
            self.resets[stream] = struct.unpack(">I", payload)[0]
        elif kind == RESET:
            self.incoming.pop(stream, None)
        elif kind == DATA:
            transfer = self.incoming[stream][1]
            transfer.digest.update(payload)
            transfer.received += len(payload)
            self.grow(stream)
        elif kind == END:
            assignment, transfer = self.incoming.pop(stream)
            is_intact = (
                transfer.received == transfer.header.byte_count
                and transfer.digest.digest() == transfer.header.sha256
            )
            report("model", bytes=transfer.received, intact=is_intact)
            if not is_intact:
                raise Closed("the model arrived damaged")
            return "assignment", assignment
        return None

    def grow(self, stream):
        """Lets the sender of a stream have a window's worth of bytes under way."""
        transfer = self.incoming[stream][1]
        wanted = min(transfer.received + WINDOW, transfer.header.byte_count) - transfer.granted
        if wanted > 0 and (wanted >= WINDOW // 2 or transfer.granted + wanted >= transfer.header.byte_count):
            self.write(CREDIT, stream, struct.pack(">I", wanted))
            transfer.granted += wanted

    def beat(self):
        """Sends a heartbeat when one is due."""
        if self.is_beating and time.monotonic() - self.last_beat >= self.heartbeat_seconds:
            self.last_beat = time.monotonic()
            self.send(heartbeat={})

    def leave(self):
        """Closes the connection in order."""
        self.socket.settimeout(2)
        try:
            self.socket.unwrap()
        except (OSError, ValueError):
            pass  # The coordinator was still sending, or is gone.

    # The life of a worker

    def run(self):
        # A coordinator that does not accept the certificate says so in the place of its first heartbeat.
        first = self.handle_frame()
        self.send(hello={"minimum_version": 1, "maximum_version": 1, "agent": "fedcoord_client.py",
                         "datasets": self.arguments.dataset})
        self.is_beating = True
        receipts = 0
        event = first
        while True:
            if event is not None:
                name, message = event
                if name == "welcome":
                    self.heartbeat_seconds = message.heartbeat_seconds
                    report("welcome", version=message.version, worker=message.worker)
                elif name == "run":
                    self.runs[message.run] = message
                    report("run", run=message.run, tensors=len(message.layout.parameters), rounds=message.rounds)
                elif name == "assignment":
                    report("assignment", run=message.run, round=message.round, codec=message.codec)
                    self.answer(message)
                elif name == "receipt":
                    report("receipt", run=message.run, round=message.round,
                           verdict=round_pb2.Verdict.Name(message.verdict),
                           refusal_code=message.refusal_code, refusal_message=message.refusal_message)
                    receipts += 1
                    if receipts == self.arguments.receipts:
                        return 0
                elif name == "run_ended":
                    report("run_ended", run=message.run, outcome=round_pb2.RunOutcome.Name(message.outcome),
                           message=message.message)
                    if not self.arguments.stay:
                        return 0
                elif name == "peer_error":
                    report("peer_error", code=message.code, message=message.message)
                    return 1
                elif name == "cancel":
                    report("cancel", run=message.run, round=message.round, reason=message.reason)
            event = self.waiting.pop(0) if self.waiting else self.handle_frame()

    def answer(self, assignment):
        misbehaviour = self.arguments.misbehave
        if misbehaviour == "silent":
            self.is_beating = False
            return
        if misbehaviour == "bad-frame":
            self.write(99, 0)
            return
        layout = self.runs[assignment.run].layout
        count = sum(math.prod(parameter.shape) for parameter in layout.parameters)
        if misbehaviour == "wrong-layout":
            count -= 1
        payload = DENSE_FLOAT32 + bytes(4 * count)
        if misbehaviour == "nan":
            payload = DENSE_FLOAT32 + struct.pack("<f", math.nan) + payload[8:]
        if misbehaviour == "undecodable":
            payload = b"\xff" * len(payload)

        stream = self.next_stream
        self.next_stream += 2
        self.credit[stream] = self.credit.get(stream, 0) + INITIAL_CREDIT
        offer = round_pb2.UpdateOffer(
            worker="somebody-else" if misbehaviour == "wrong-name" else assignment.worker,
            run=assignment.run,
            round=assignment.round + (1000 if misbehaviour == "wrong-round" else 0),
            base_version=assignment.base_version,
            scope=assignment.scope,
            codec="no-such-codec" if misbehaviour == "unknown-codec" else "dense-float32",
            example_count=-5 if misbehaviour == "bad-count" else self.arguments.examples,
            metrics=round_pb2.TrainingMetrics(
                loss=math.nan if misbehaviour == "bad-metrics" else 0.0, accuracy=0.0, seconds=0.0),
            payload=round_pb2.TransferHeader(
                stream=stream, byte_count=len(payload), sha256=hashlib.sha256(payload).digest()),
        )
        if misbehaviour == "garbled":
            payload = payload[:-1] + bytes([payload[-1] ^ 1])
        if misbehaviour == "truncated":
            payload = payload[: len(payload) // 2]
        if misbehaviour == "oversize":
            payload += bytes(1000)
        self.send(update_offer=offer)
        if misbehaviour == "ungranted":
            for _ in range(2 + len(payload) // LONGEST[DATA]):
                self.write(DATA, stream, bytes(LONGEST[DATA]))
            return
        offset = 0
        while offset < len(payload):
            while self.credit[stream] == 0 and stream not in self.resets:
                event = self.handle_frame()
                if event is not None:
                    # Something to do after this transfer, unless it is the end of the connection.
                    self.waiting.append(event)
                    if event[0] == "peer_error":
                        return
            if stream in self.resets:
                report("reset", stream=stream, code=self.resets[stream])
                self.write(RESET, stream, struct.pack(">I", ABANDONED))
                return
            size = min(self.credit[stream], LONGEST[DATA], len(payload) - offset)
            self.write(DATA, stream, payload[offset : offset + size])
            self.credit[stream] -= size
            offset += size
        self.write(END, stream)
        report("offered", run=offer.run, round=offer.round, bytes=len(payload))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server-name", help="the name in the coordinator's certificate, where it is not --host")
    parser.add_argument("--certificate", required=True, help="PEM file")
    parser.add_argument("--key", required=True, help="PEM file")
    parser.add_argument("--authority", required=True, help="PEM file")
    parser.add_argument("--dataset", action="append", default=[], help="a data set to claim; may be repeated")
    parser.add_argument("--examples", type=int, default=1, help="number of examples to claim")
    parser.add_argument("--receipts", type=int, default=1, help="leave after so many receipts; 0 stays until the end")
    parser.add_argument("--stay", action="store_true", help="stay connected when a run ends")
    parser.add_argument("--timeout", type=float, default=60, help="seconds of silence after which to give up")
    parser.add_argument("--misbehave", choices=MISBEHAVIOURS)
    arguments = parser.parse_args()
    try:
        client = Client(arguments)
        status = client.run()
        client.leave()
    except (Closed, OSError) as error:
        report("closed", reason=str(error))
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
