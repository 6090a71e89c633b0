"""The kernel as Jupyter's own client meets it: python3 kernel.py, with JUPYTER_PATH naming the folder
that holds kernels/moonstem. Prints "ok NAME" or "FAIL NAME: why" for each check."""
import json
import os
import queue
import signal
import subprocess
import sys
import time
import traceback

import zmq
from jupyter_client.manager import KernelManager

TIMEOUT = 30


class Kernel:
    def __init__(self):
        self.manager = KernelManager(kernel_name="moonstem")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)

    def outputs(self, message_id):
        """What iopub tells about a request, up to its end: list of (type, content, message)."""
        found = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            found.append((message["msg_type"], message["content"], message))
            if found[-1][0] == "status" and found[-1][1]["execution_state"] == "idle":
                return found

    def run(self, code, **options):
        """(reply, outputs without statuses and the echo of the code)"""
        message_id = self.client.execute(code, **options)
        outputs = self.outputs(message_id)
        reply = self.client.get_shell_msg(timeout=TIMEOUT)
        assert reply["parent_header"]["msg_id"] == message_id
        kept = [(kind, content) for kind, content, _ in outputs
                if kind not in ("status", "execute_input")]
        return reply["content"], kept

    def ask(self, request, *arguments, **options):
        request(*arguments, **options)
        return self.client.get_shell_msg(timeout=TIMEOUT)["content"]

    def quiet(self):
        """Forgets what iopub still holds."""
        while True:
            try:
                self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                return

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def equal(found, expected):
    assert found == expected, f"expected {repr(expected)[:300]}, got {repr(found)[:300]}"


def text_of(outputs, name):
    return "".join(c["text"] for kind, c in outputs if kind == "stream" and c["name"] == name)


def value_of(outputs):
    return [c["data"]["text/plain"] for kind, c in outputs if kind == "execute_result"]


def info(k):
    reply = k.ask(k.client.kernel_info)
    equal(reply["protocol_version"], "5.3")
    equal(reply["language_info"]["file_extension"], ".lua")
    equal(reply["status"], "ok")


def values(k):
    reply, outputs = k.run("x = 20\nlocal y = 1\nx + y")
    equal((reply["status"], value_of(outputs)), ("ok", ["21"]))
    equal(value_of(k.run("y")[1]), ["1"])  # locals outlive their cell
    equal(k.run("y + 1;")[1], [])
    equal(value_of(k.run("_ + 1")[1]), ["3"])
    equal(value_of(k.run("1, 'two'")[1]), ['1\n"two"'])
    equal(k.run("")[0]["status"], "ok")
    equal(k.run("-- a remark")[1], [])


def counts(k):
    first = k.run("1")[0]["execution_count"]
    equal(k.run("1", store_history=False)[0]["execution_count"], first)
    reply, outputs = k.run("print 'seen' 5", silent=True)
    equal((reply["execution_count"], value_of(outputs)), (first, []))
    equal(k.run("1")[0]["execution_count"], first + 1)


def streams(k):
    outputs = k.run("io.write('a', 'é', 1) os.execute 'echo child; echo oh >&2' print 'end'")[1]
    equal(text_of(outputs, "stdout").replace("aé1", "", 1), "child\nend\n")
    equal(text_of(outputs, "stderr"), "oh\n")
    equal(text_of(k.run("io.write 'a\\xffb'")[1], "stdout"), "a\ufffdb")
    many = text_of(k.run("for i = 1, 20000 do print(i, 'ü') end")[1], "stdout")
    whole = "".join(f"{i}\tü\n" for i in range(1, 20001))
    at = next((i for i, (a, b) in enumerate(zip(many, whole)) if a != b), None)
    equal((len(many), at), (len(whole), None))


def streams_come_while_it_runs(k):
    message_id = k.client.execute("io.write 'begun' while not done do ms.sys.sleep(0.01) end")
    begun = ""
    while begun != "begun":
        message = k.client.get_iopub_msg(timeout=TIMEOUT)
        if message["msg_type"] == "stream":
            begun += message["content"]["text"]
    k.manager.interrupt_kernel()
    k.outputs(message_id)
    k.client.get_shell_msg(timeout=TIMEOUT)


def floods(k):
    """A child that prints without end stops neither interrupts nor the machine's memory."""
    k.client.execute("ms.sys.run { 'yes', 'a line' }")
    time.sleep(1)
    begin = time.time()
    k.manager.interrupt_kernel()
    equal(k.client.get_shell_msg(timeout=TIMEOUT)["content"].get("ename"), "Interrupted")
    assert time.time() - begin < 10
    status = open(f"/proc/{k.manager.provisioner.pid}/status").read()
    memory = int(status.split("VmRSS:")[1].split()[0])
    assert memory < 500000, memory
    k.quiet()
    equal(value_of(k.run("1 + 1")[1]), ["2"])


def order(k):
    outputs = k.run("print(1) ms.show(2) print(3) io.write(4) ms.show(5)\n6")[1]
    found = [c.get("text") or c["data"]["text/plain"] for _, c in outputs]
    equal(found, ["1\n", "2", "3\n4", "5", "6"])


def pictures(k):
    outputs = k.run("setmetatable({}, { __display = function() return "
                    "{ ['image/png'] = '\\x89PNG', ['text/plain'] = 'p' } end })")[1]
    equal(outputs[0][1]["data"], {"image/png": "iVBORw==", "text/plain": "p"})


def errors(k):
    reply, outputs = k.run("local function f() error 'boom' end\nf()")
    equal(reply["status"], "error")
    kind, content = outputs[0]
    equal(kind, "error")
    place = f"In[{reply['execution_count']}]:"
    assert content["evalue"].startswith(place + "1: boom"), content
    assert any(place + "2" in line for line in content["traceback"]), content
    equal(k.run("x = = 1")[0]["ename"], "SyntaxError")
    reply = k.run("ms.zeros { 2, 3 }:reshape { 5 }")[0]
    assert "reshape: 2x3 does not hold" in reply["evalue"], reply
    equal(k.run("error(nil)")[0]["status"], "error")
    equal(k.run("error({})")[0]["status"], "error")
    equal(k.run("setmetatable({}, { __tostring = function() error 'no' end })")[0]["status"], "ok")
    equal(k.run("setmetatable({}, { __display = function() error 'no' end })")[0]["status"], "error")


def waiting_cells_are_dropped(k):
    ids = [k.client.execute(code) for code in ["ms.sys.sleep(0.3) error 'x'", "a = 1", "b = 1"]]
    found = {}
    for _ in ids:
        message = k.client.get_shell_msg(timeout=TIMEOUT)
        found[message["parent_header"]["msg_id"]] = message["content"]["status"]
    equal([found[i] for i in ids], ["error", "aborted", "aborted"])
    k.client.execute("ms.sys.sleep(0.3) error 'x'", stop_on_error=False)
    k.client.execute("a = 1")
    k.client.get_shell_msg(timeout=TIMEOUT)
    equal(k.client.get_shell_msg(timeout=TIMEOUT)["content"]["status"], "ok")
    k.quiet()


def completes(k):
    code = "é = 'ü' ms.audi + 1"
    reply = k.ask(k.client.complete, code, 15)
    equal((reply["matches"], reply["cursor_start"], reply["cursor_end"]), (["audio"], 11, 15))
    k.run("tensor_one = ms.zeros { 1 }")
    reply = k.ask(k.client.complete, "-- ä\ntensor_one:me", 18)
    assert "mean" in reply["matches"], reply
    equal(reply["cursor_start"], 16)
    equal(k.ask(k.client.complete, "", 0)["status"], "ok")
    equal(k.ask(k.client.complete, "x", 99)["status"], "ok")


def inspects(k):
    text = k.ask(k.client.inspect, "'ü' ms.audio.stft(x)", 9)["data"]["text/plain"]
    assert "Hann" in text, text
    text = k.ask(k.client.inspect, "ms.audio.stft(x, 1", 18)["data"]["text/plain"]
    assert "Hann" in text, text
    k.run("value = ms.ones { 2, 3 }")
    text = k.ask(k.client.inspect, "value", 5)["data"]["text/plain"]
    assert text.startswith("value = tensor 2x3"), text
    equal(k.ask(k.client.inspect, "no_such_name", 3)["found"], False)
    equal(k.ask(k.client.inspect, "", 0)["found"], False)
    payload = k.run("?ms.audio.stft")[0]["payload"][0]
    equal(payload["source"], "page")
    assert "Hann" in payload["data"]["text/plain"], payload


def is_complete(k):
    def status(code):
        return k.ask(k.client.is_complete, code)["status"]
    equal([status(c) for c in ["x = 1", "x", "", "for i = 1, 3 do", "f(", "x = = 1", "?x"]],
          ["complete", "complete", "complete", "incomplete", "incomplete", "invalid", "complete"])


def history(k):
    k.run("'first'")
    k.run("'second'")
    k.run("'hidden'", store_history=False)
    rows = k.ask(k.client.history, hist_access_type="tail", n=2, output=True)["history"]
    equal([row[2] for row in rows], [["'first'", '"first"'], ["'second'", '"second"']])
    count = rows[0][1]
    rows = k.ask(k.client.history, hist_access_type="range", session=0, start=count,
                 stop=count + 1)["history"]
    equal(rows, [[0, count, "'first'"]])
    rows = k.ask(k.client.history, hist_access_type="search", pattern="'sec*'")["history"]
    equal([row[2] for row in rows], ["'second'"])
    other = Kernel()
    rows = other.ask(other.client.history, hist_access_type="tail", n=2)["history"]
    other.close()
    equal([(row[0], row[2]) for row in rows], [(-1, "'first'"), (-1, "'second'")])


def expressions(k):
    reply = k.run("x = 4", user_expressions={"good": "x + 1", "bad": "x.y.z"})[0]
    good, bad = reply["user_expressions"]["good"], reply["user_expressions"]["bad"]
    equal((good["data"]["text/plain"], bad["status"]), ("5", "error"))


def words(k):
    k.run("own_tensor = ms.ones { 2, 3 }")
    text = text_of(k.run("who()")[1], "stdout")
    assert "own_tensor" in text and "2x3" in text and "print" not in text, text
    assert "call" in text_of(k.run("bench(function() return 1 end)")[1], "stdout")
    payload = k.run("??Hann window")[0]["payload"][0]["data"]["text/plain"]
    assert "ms.audio.stft" in payload, payload
    equal(k.run("edit == nil")[1][0][1]["data"]["text/plain"], "true")
    k.run("own_tensor:sum();")
    path = os.path.join(os.environ["XDG_STATE_HOME"], "saved.lua")
    equal(k.run(f"save_session '{path}'")[0]["status"], "ok")
    saved = open(path).read()
    assert "--%%\nown_tensor = ms.ones { 2, 3 }\n" in saved, saved
    assert "--%%\nown_tensor:sum();\n" in saved, saved


def comms(k):
    equal(k.ask(k.client.comm_info)["comms"], {})
    message = k.client.session.msg("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
    k.client.shell_channel.send(message)
    told = k.outputs(message["header"]["msg_id"])
    assert ("comm_close", {"comm_id": "c", "data": {}}) in [(a, b) for a, b, _ in told], told


def stops(k, stop):
    for code in ["while true do end",
                 "x = ms.randn { 2000, 2000 } while true do y = x:matmul(x) end",
                 "ms.sys.sleep(60)"]:
        k.run("")
        k.client.execute(code)
        time.sleep(0.5)
        assert k.client.hb_channel.is_beating(), "no heartbeat during " + code
        begin = time.time()
        stop()
        stop()
        equal(k.client.get_shell_msg(timeout=TIMEOUT)["content"].get("ename"), "Interrupted")
        assert time.time() - begin < 10, "it took long to stop " + code
    k.quiet()
    equal(value_of(k.run("6 * 7")[1]), ["42"])
    stop()  # with nothing to stop
    time.sleep(0.2)
    equal(value_of(k.run("6 * 7")[1]), ["42"])


def stops_by_message(k):
    stops(k, k.manager.interrupt_kernel)


def stops_by_signal(k):
    stops(k, lambda: os.kill(k.manager.provisioner.pid, signal.SIGINT))


def heartbeat(k):
    k.client.hb_channel.unpause()
    k.client.execute("x = ms.randn { 3000, 3000 } for _ = 1, 3 do x:matmul(x) end")
    for _ in range(5):
        time.sleep(0.3)
        assert k.client.hb_channel.is_beating()
    equal(k.client.get_shell_msg(timeout=TIMEOUT)["content"]["status"], "ok")
    k.quiet()


def input_(k):
    k.client.execute("io.write 'name: ' n = io.read() print(n .. '!')", allow_stdin=True)
    equal(k.client.get_stdin_msg(timeout=TIMEOUT)["content"], {"prompt": "", "password": False})
    k.client.input("Zoë")
    equal(k.client.get_shell_msg(timeout=TIMEOUT)["content"]["status"], "ok")
    k.quiet()
    equal(text_of(k.run("print(n)")[1], "stdout"), "Zoë\n")
    equal(value_of(k.run("io.read() == nil", allow_stdin=False)[1]), ["true"])


def forgeries(k):
    """A request with another key is not answered."""
    session = k.client.session
    key, session.key = session.key, b"another key"
    k.client.execute("forged = true")
    k.client.session.key = key
    equal(value_of(k.run("forged == nil")[1]), ["true"])


def garbage(k):
    """Whatever comes over the sockets, the kernel lives on."""
    about, context = k.client.get_connection_info(), zmq.Context.instance()
    sign = k.client.session.sign
    mark = b"<IDS|MSG>"
    signed = [[b"{", b"{}", b"{}", b"{}"], [b"[]", b"{}", b"{}", b"{}"],
              [b'{"msg_type": 5}', b"{}", b"{}", b"{}"], [b"\xff", b"\xff", b"\xff", b"\xff"],
              [b'{"msg_type": "execute_request"}', b"{}", b"{}", b"[1]"],
              [b'{"msg_type": "execute_request"}', b"x", b"", b'{"code": "1"}']]
    messages = [[b""], [mark], [b"a", mark, b""], [b"x"] * 100, [mark, b"0" * 64] + [b"{}"] * 4,
                [mark, b""] + [b"{}"] * 4, [b"", b"", mark, b"\0" * 64, b"{}", b"{}", b"{}", b"{}"],
                [b"a" * 100000, mark, b"b", b"c", b"d", b"e", b"f"]]
    messages += [[mark, sign(four)] + four for four in signed]
    messages += [[mark, sign(four)] + four + [b"buffer"] * 80 for four in signed]
    for port in ["shell_port", "control_port", "stdin_port"]:
        socket = context.socket(zmq.DEALER)
        socket.linger = 1000
        socket.connect(f"tcp://{about['ip']}:{about[port]}")
        for message in messages:
            socket.send_multipart(message)
        socket.close()
    time.sleep(0.3)
    assert k.client.hb_channel.is_beating()
    k.quiet()
    equal(value_of(k.run("1 + 1")[1]), ["2"])


def odd_requests(k):
    for content in [{}, {"code": 5, "silent": "x"}, {"code": None, "user_expressions": 3}]:
        message = k.client.session.msg("execute_request", content)
        k.client.shell_channel.send(message)
        assert k.client.get_shell_msg(timeout=TIMEOUT)["content"]["status"] in ("ok", "error")
    for kind in ["complete_request", "inspect_request", "is_complete_request", "history_request"]:
        k.client.shell_channel.send(k.client.session.msg(kind, {"cursor_pos": "x", "n": "y"}))
        k.client.get_shell_msg(timeout=TIMEOUT)
    k.client.shell_channel.send(k.client.session.msg("no_such_request", {}))
    k.quiet()
    equal(value_of(k.run("1 + 1")[1]), ["2"])


def orphans(k):
    """A kernel does not outlive the server that started it, however that ends."""
    code = ("from jupyter_client.manager import KernelManager as M\nm = M(kernel_name='moonstem')\n"
            "m.start_kernel()\nc = m.client()\nc.start_channels()\nc.wait_for_ready(timeout=30)\n"
            "print(m.provisioner.pid, flush=True)\ninput()")
    server = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    pid = int(server.stdout.readline())
    server.kill()
    server.wait()
    begin = time.time()
    while os.path.exists(f"/proc/{pid}") and time.time() - begin < TIMEOUT:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}"), "it lives on"


def ends(k):
    pid = k.manager.provisioner.pid
    k.client.execute("while true do end")
    time.sleep(0.3)
    begin = time.time()
    k.manager.shutdown_kernel()
    assert time.time() - begin < 4, "it did not end when it was asked"
    assert not os.path.exists(f"/proc/{pid}"), "it lives on"


def main(wanted):
    checks = [info, values, counts, streams, streams_come_while_it_runs, floods, order, pictures, errors,
              waiting_cells_are_dropped, completes, inspects, is_complete, history, expressions,
              words, comms, stops_by_message, stops_by_signal, heartbeat, input_, forgeries, garbage, odd_requests,
              orphans, ends]
    kernel = Kernel()
    for check in checks:
        if wanted and check.__name__ not in wanted:
            continue
        try:
            check(kernel)
            print("ok", check.__name__)
        except Exception as why:  # whatever it is, the other checks still say something
            print(f"FAIL {check.__name__}: {type(why).__name__} {why}", flush=True)
            traceback.print_exc()
            kernel.close()
            kernel = Kernel()
    if kernel.manager.has_kernel:
        kernel.close()


main(sys.argv[1:])
