"""A data node of the sockets course: appends what it receives to its file, and says Alive every 4 s.

usage: socket_datanode.py PORT FILE [--every S]
"""
import argparse
import socket
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("file")
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--every", type=float, default=4.0)
options = parser.parse_args()

node = socket.create_connection((options.host, options.port))
print(f"greeted: {node.recv(1024).decode()}", flush=True)
node.send(b"Datanode")
print(f"ready on {node.getsockname()[1]}", flush=True)


def live():
    while True:
        node.send(b"Alive")
        time.sleep(options.every)


threading.Thread(target=live, daemon=True).start()
with open(options.file, "ab", buffering=0) as log:
    while True:
        message = node.recv(2048)
        if not message:
            break
        log.write(message + b"\n")
        print(f"received {message.decode(errors='replace')}", flush=True)
print("closed by the server", flush=True)
