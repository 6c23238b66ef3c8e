/** Complete programs in Python 3, from its standard library alone. */
import type { Examples } from './program-kinds.ts';

export const PYTHON: Examples = {
  'webhook-worker': ({ url }) => `import json, threading, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MASTER, PORT = "${url}", 6000
me = {"id": None, "state": "idle"}

def post(url, body):
    data = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}))

def work(task):
    result = str(eval(task["payload"]))  # the master lets only digits and operators through
    post(f"{MASTER}/complete-task/{task['id']}", {"result": result})
    me["state"] = "idle"

class Worker(BaseHTTPRequestHandler):
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "healthy", **me})
        if self.path == f"/status/{me['id']}":
            return self.answer(200, {"id": me["id"], "status": me["state"]})
        self.answer(400, {"error": "wrong id"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/register-slave-api/"):
            me["id"] = self.path.rsplit("/", 1)[1]
        elif me["state"] == "busy":
            return self.answer(503, {"error": "busy"})
        else:
            me["state"] = "busy"
            threading.Thread(target=work, args=(json.loads(body),)).start()
        self.answer(200, {"message": "ok"})

server = ThreadingHTTPServer(("", PORT), Worker)
threading.Thread(target=server.serve_forever).start()
post(f"{MASTER}/register-slave", {"webhook_url": f"http://localhost:{PORT}"})
`,
  'pulling-worker': ({ url }) => `import json, time, urllib.request

MASTER, NAME = "${url}", "w1"

def post(path, body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(MASTER + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.status, json.load(answer)

while True:
    status, task = post("/send_task", {"nom_worker": NAME})
    if status != 200:  # 202: nothing to do
        time.sleep(3)
        continue
    time.sleep(task["execution_time"])
    text = f"{task['id']} {task['fruit']} prepared in {task['execution_time']} seconds"
    post("/result", {"task": {**task, "nom_worker": NAME}, "result": text})
    print(text)
`,
  'socket-client': ({ host, port }) => `import socket

with socket.create_connection(("${host}", ${port})) as connection:
    print(connection.recv(1024).decode())  # Hola, este es el servidor
    connection.sendall(b"Cliente")
    for n in range(1, 4):
        connection.sendall(f"message {n}".encode())
        print("stored at", connection.recv(1024).decode())
    connection.sendall(b"salir")
`,
  'socket-datanode': ({ host, port }) => `import socket, threading, time

connection = socket.create_connection(("${host}", ${port}))
print(connection.recv(1024).decode())  # Hola, este es el servidor
connection.sendall(b"Datanode")

def alive():
    while True:
        time.sleep(4)
        connection.sendall(b"Alive")

threading.Thread(target=alive, daemon=True).start()
with open("datanode.txt", "ab") as file:
    while data := connection.recv(2048):
        file.write(data + b"\\n")
        file.flush()
`,
  'calculator-client': ({ url }) => `import json, urllib.request

body = json.dumps({"payload": "4 * (2 + 3)"}).encode()
request = urllib.request.Request("${url}/submit-task?wait=5s", body, {"Content-Type": "application/json"})
with urllib.request.urlopen(request) as answer:
    print(json.load(answer))
`,
  'line-client': ({ host, port }) => `import socket

with socket.create_connection(("${host}", ${port})) as connection:
    answers = connection.makefile("r")
    for n in range(1000):
        connection.sendall(f"{n} * 2\\n".encode())
        print(answers.readline(), end="")  # result, worker, milliseconds
    connection.sendall(b"quit\\n")
`,
};
