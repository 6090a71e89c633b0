"""Looks at a page, with all that is folded open, in headless Chromium, and prints what it finds as JSON, a record for each of 390
and 1280 pixels, light and dark:
    /usr/bin/python3 tests/browser/page.py FILE.html [SHOT]
SHOT-390-light.png and so on get pictures of the whole page. Debian: chromium-driver, python3-selenium.
"""
import base64
import json
import pathlib
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# Contrast as WCAG defines it, of every text that is seen against the backgrounds behind it.
CONTRAST = """
function channels(text) {
  var c = (text.match(/[\\d.]+/g) || []).map(Number);
  if (text.startsWith("color(")) c = c.map(function (x, i) { return i < 3 ? 255 * x : x; });
  return c.length === 3 ? c.concat(1) : c;
}
function luminance(c) {
  var v = c.slice(0, 3).map(function (x) {
    x /= 255;
    return x <= 0.03928 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4);
  });
  return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}
function behind(element) {
  if (!element) return [255, 255, 255];
  var c = channels(getComputedStyle(element).backgroundColor);
  if (c[3] === 1) return c;
  return behind(element.parentElement).map(function (below, i) {
    return c[3] * c[i] + (1 - c[3]) * below;
  });
}
var least = [99, ""];
document.querySelectorAll("body *").forEach(function (element) {
  var own = Array.from(element.childNodes).some(function (node) {
    return node.nodeType === 3 && node.data.trim();
  });
  if (!own || !element.getClientRects().length) return;
  var style = getComputedStyle(element), svg = element.closest("svg");
  var a = luminance(channels(svg ? style.fill : style.color)), b = luminance(behind(element));
  var ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < least[0]) least = [ratio, element.tagName + ": " + element.textContent.slice(0, 40)];
});
return least;
"""

DURATIONS = """
var done = arguments[arguments.length - 1], list = Array.from(document.querySelectorAll("audio"));
var left = list.length;
function count() { if (--left <= 0) done(list.map(function (a) { return a.duration; })); }
if (!left) done([]);
list.forEach(function (a) {
  if (a.readyState > 0) return count();
  a.addEventListener("loadedmetadata", count);
  a.addEventListener("error", count);
});
"""

# What sticks out of the page to the right, without a box of its own that scrolls.
OVERFLOW = """
return Array.from(document.querySelectorAll("body *")).filter(function (e) {
  return e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, #tip");
}).map(function (e) { return e.tagName + ": " + e.textContent.slice(0, 40); });
"""


def start():
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def emulate(driver, width, dark):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})


def tip(driver):
    return driver.find_element(By.ID, "tip").text


def hover(driver, frame):
    """What the pointer over the middle of a chart shows, once the page stands still."""
    for _ in range(10):
        ActionChains(driver).move_to_element(frame).move_by_offset(3, 0).perform()
        if tip(driver):
            break
        time.sleep(0.1)
    return tip(driver)


def charts(driver):
    """Of each chart: what the pointer, the keys, and Escape after them show."""
    found = []
    for frame in driver.find_elements(By.CSS_SELECTOR, "[data-chart]"):
        driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", frame)
        hovered = hover(driver, frame)
        driver.execute_script("arguments[0].focus()", frame)
        ActionChains(driver).send_keys(Keys.ARROW_RIGHT).perform()
        stepped = tip(driver)
        ActionChains(driver).send_keys(Keys.ESCAPE).perform()
        found.append({"hover": hovered, "key": stepped, "escape": tip(driver)})
    return found


def shoot(driver, path):
    height = driver.execute_script("return document.documentElement.scrollHeight")
    width = driver.execute_script("return innerWidth")
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": {
        "x": 0, "y": 0, "width": width, "height": min(height, 16000), "scale": 1}})
    pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))


def look(driver, page, width, dark, shot):
    emulate(driver, width, dark)
    driver.get(pathlib.Path(page).resolve().as_uri())
    driver.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    if shot:
        shoot(driver, "%s-%d-%s.png" % (shot, width, "dark" if dark else "light"))
    return {"width": width, "dark": dark,
            "page_width": driver.execute_script("return document.documentElement.scrollWidth"),
            "background": driver.execute_script(
                "return getComputedStyle(document.body).backgroundColor"),
            "overflow": driver.execute_script(OVERFLOW),
            "contrast": driver.execute_script(CONTRAST),
            "durations": driver.execute_async_script(DURATIONS),
            "charts": charts(driver),
            "log": [entry["message"] for entry in driver.get_log("browser")]}


page, shot = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
driver = start()
try:
    print(json.dumps([look(driver, page, width, dark, shot)
                      for width in (390, 1280) for dark in (False, True)]))
finally:
    driver.quit()
