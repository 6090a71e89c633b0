"""The kernel in a browser: python3 browser.py FOLDER, with JUPYTER_PATH naming the folder that holds
kernels/moonstem. Starts Debian's jupyter-notebook in FOLDER and chromium on it, runs the cells of
FOLDER/browser.ipynb, and prints "ok NAME" or "FAIL NAME: why" for each check; screenshots stay in
FOLDER."""
import os
import socket
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60  # seconds


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_server(folder, port):
    log = open(os.path.join(folder, "server.log"), "w")
    return subprocess.Popen(
        ["jupyter-notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
         "--NotebookApp.token=", "--NotebookApp.password=", "--NotebookApp.disable_check_xsrf=True",
         f"--notebook-dir={folder}"], stdout=log, stderr=log)


def start_browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,1600",
                     "--autoplay-policy=no-user-gesture-required"]:
        options.add_argument(argument)
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    def __init__(self, browser, address):
        self.browser = browser
        for _ in range(PATIENCE * 2):  # the server needs its time
            try:
                browser.get(address)
                if browser.find_elements(By.CSS_SELECTOR, ".code_cell"):
                    break
            except Exception:
                pass
            time.sleep(0.5)
        self.wait("return Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()")

    def wait(self, script):
        return WebDriverWait(self.browser, PATIENCE, 0.1).until(
            lambda browser: browser.execute_script(script))

    def run_all(self):
        self.browser.execute_script("Jupyter.notebook.execute_all_cells()")

    def idle(self):
        self.wait("return document.querySelectorAll('.code_cell.running').length == 0")


def pictures(page):
    """Every picture has pixels."""
    sizes = page.wait("""
      const list = [...document.querySelectorAll('.output_png img')];
      return list.length && list.every(i => i.complete) && list.map(i => i.naturalWidth)""")
    assert all(size > 100 for size in sizes), sizes


def players(page):
    """A player knows how long its sound is, and plays it."""
    length = page.wait("""
      const player = document.querySelector('.output_html audio');
      if (!player) return false;
      if (!player.begun) { player.begun = true; player.muted = true; player.play(); }
      return player.currentTime > 0.1 && player.duration""")
    assert abs(length - 1) < 0.05, length


def texts(page):
    text = page.browser.find_element(By.ID, "notebook-container").text
    for part in ["printed 6", "tensor 2x3"]:
        assert part in text, part


def errors(page):
    text = page.browser.find_element(By.CSS_SELECTOR, ".output_error").text
    assert "In[4]:1: boom" in text, text


def completion(page):
    """Tab offers names in the last cell."""
    page.browser.execute_script("""
      const cells = Jupyter.notebook.get_cells(), cell = cells[cells.length - 1];
      Jupyter.notebook.select(cells.length - 1); Jupyter.notebook.edit_mode();
      cell.set_text('ms.audio.s'); cell.code_mirror.focus();
      cell.code_mirror.setCursor(0, 10);""")
    page.browser.switch_to.active_element.send_keys(Keys.TAB)
    offered = page.wait("""
      const list = [...document.querySelectorAll('#complete option, .completions option')];
      return list.length && list.map(o => o.textContent)""")
    assert "stft" in " ".join(offered), offered
    page.browser.switch_to.active_element.send_keys(Keys.ESCAPE)


def interrupt(page):
    page.browser.execute_script("""
      const cells = Jupyter.notebook.get_cells(), cell = cells[cells.length - 1];
      cell.set_text('print "begun" while true do end'); cell.execute();""")
    page.wait("""
      const list = [...document.querySelectorAll('.output_stdout')];
      return list.length && list[list.length - 1].textContent.includes('begun')""")
    page.browser.execute_script("Jupyter.notebook.kernel.interrupt()")
    page.idle()
    text = page.browser.find_elements(By.CSS_SELECTOR, ".output_error")[-1].text
    assert "interrupted" in text, text


def main(folder):
    port = free_port()
    server = start_server(folder, port)
    browser = start_browser()
    try:
        page = Page(browser, f"http://127.0.0.1:{port}/notebooks/browser.ipynb")
        page.run_all()
        page.wait("return document.querySelectorAll('.output_error').length > 0")
        page.idle()
        for check in [texts, pictures, players, errors, completion, interrupt]:
            try:
                check(page)
                print("ok", check.__name__)
            except Exception as why:
                print(f"FAIL {check.__name__}: {type(why).__name__} {str(why)[:300]}")
        browser.execute_script("document.querySelector('.output_png').scrollIntoView()")
        browser.save_screenshot(os.path.join(folder, "browser.png"))
    finally:
        browser.quit()
        server.terminate()
        server.wait(30)


main(sys.argv[1])
