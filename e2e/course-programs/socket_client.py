"""A client of the sockets course: waits for the greeting, says who it is, sends messages, prints the answers.

usage: socket_client.py PORT [--count N] [--pause S] [--prefix TEXT]
"""
import argparse
import socket
import time

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--count", type=int, default=3)
parser.add_argument("--pause", type=float, default=0)
parser.add_argument("--prefix", default="mensaje número")
options = parser.parse_args()

client = socket.create_connection((options.host, options.port))
print(f"greeted: {client.recv(1024).decode()}", flush=True)
client.send(b"Cliente")
for n in range(1, options.count + 1):
    text = f"{options.prefix} {n}"
    client.send(text.encode())
    answer = client.recv(1024).decode()
    if not answer:
        print("closed by the server", flush=True)
        break
    print(f"stored {text}: {answer}", flush=True)
    time.sleep(options.pause)
client.send(b"salir")
print(f"end: {client.recv(1024)!r}", flush=True)
