"""A worker of the calculator course, as a student writes it: Flask, one task at a time, polls nothing.

usage: webhook_worker.py MASTER_URL [--port N] [--host HOST] [--as HOST] [--seconds S] [--bind HOST]
"""
import argparse
import logging
import threading
import time

import requests
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

parser = argparse.ArgumentParser()
parser.add_argument("master")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--bind", default="127.0.0.1")
parser.add_argument("--as", dest="name", default="localhost", help="the host in the webhook's URL")
parser.add_argument("--seconds", type=float, default=7.0)
options = parser.parse_args()

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)
me = {"id": None, "state": "idle"}


@app.get("/health")
def health():
    return jsonify({"status": "healthy", "state": me["state"], "id": me["id"]})


@app.get("/status/<slave_id>")
def status(slave_id):
    if slave_id != me["id"]:
        return jsonify({"error": "wrong id"}), 400
    return jsonify({"id": me["id"], "status": me["state"]})


@app.post("/register-slave-api/<slave_id>")
def take_id(slave_id):
    me["id"] = slave_id
    return jsonify({"message": "registered"})


@app.post("/receive-task")
def receive():
    if me["state"] == "busy":
        return jsonify({"error": "busy"}), 503
    me["state"] = "busy"
    task = request.get_json()
    threading.Thread(target=work, args=(task,), daemon=True).start()
    return jsonify({"message": "accepted"})


def work(task):
    print(f"working on {task['id']}: {sorted(task)} {task['payload']}", flush=True)
    time.sleep(options.seconds)
    try:
        result = str(eval(task["payload"]))
    except Exception as error:
        result = f"Error: {error}"
    answer = requests.post(f"{options.master}/complete-task/{task['id']}", json={"result": result})
    print(f"reported {task['id']}: {answer.status_code}", flush=True)
    me["state"] = "idle"


server = make_server(options.bind, options.port, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://{options.name}:{server.server_port}"
answer = requests.post(f"{options.master}/register-slave", json={"webhook_url": url})
print(f"registered {answer.status_code} {answer.text.strip()}", flush=True)
print(f"ready at {url}", flush=True)
threading.Event().wait()
