"""A worker of the fruit salad course: asks for a task, works, posts the result, asks again.

usage: pulling_worker.py MASTER_URL NAME [--flat] [--scale X] [--pause S]
"""
import argparse
import time

import requests

parser = argparse.ArgumentParser()
parser.add_argument("master")
parser.add_argument("name")
parser.add_argument("--flat", action="store_true", help="post the result in one piece")
parser.add_argument("--scale", type=float, default=1.0, help="of the seconds that a task takes")
parser.add_argument("--pause", type=float, default=3.0, help="seconds between two questions when there is nothing to do")
options = parser.parse_args()
print("ready", flush=True)

while True:
    try:
        answer = requests.post(f"{options.master}/send_task", json={"nom_worker": options.name})
    except requests.ConnectionError:
        time.sleep(options.pause)
        continue
    if answer.status_code != 200:
        time.sleep(options.pause)
        continue
    task = answer.json()
    print(f"preparing {task['id']} {task['fruit']} for {task['execution_time']} s", flush=True)
    time.sleep(task["execution_time"] * options.scale)
    text = f"{task['id']} {task['fruit']} prepared in {task['execution_time']} seconds"
    task["nom_worker"] = options.name
    body = {**task, "result": text} if options.flat else {"task": task, "result": text}
    while True:
        try:
            answer = requests.post(f"{options.master}/result", json=body)
            break
        except requests.ConnectionError:
            time.sleep(options.pause)
    print(f"reported {task['id']}: {answer.status_code}", flush=True)
