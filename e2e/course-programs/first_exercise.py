"""The client of the first exercise: says hello, prints the answer, quits.

usage: first_exercise.py PORT
"""
import socket
import sys

client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
client.send("Hola servidor".encode())
print(client.recv(1024).decode(), flush=True)
client.send("quit".encode())
print(client.recv(1024).decode(), flush=True)
print(f"end: {client.recv(1024)!r}", flush=True)
