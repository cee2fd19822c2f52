"""Fetch pip's own wheel where Python came without pip: fetch_pip.py VERSION SHA256 FOLDER.

Prints the wheel's path. Reads what pip would: its configuration files, PIP_* variables and the
proxy variables, for the index, find-links, proxy, certificate and trusted hosts.
"""

import base64
import configparser
import hashlib
import html.parser
import os
import ssl
import sys
import urllib.parse
import urllib.request

version, sha256, folder = sys.argv[1:]
file_name = f"pip-{version}-py3-none-any.whl"


def configuration_files():
    """pip's configuration files, the strongest last."""
    home = os.path.expanduser("~")
    xdg = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    system = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    files = [os.path.join(folder, "pip", "pip.conf") for folder in reversed(system)]
    files += ["/Library/Application Support/pip/pip.conf", "/etc/pip.conf"]
    files += [os.path.join(home, ".pip", "pip.conf")]
    files += [os.path.join(home, "Library", "Application Support", "pip", "pip.conf")]
    files += [os.path.join(xdg, "pip", "pip.conf")]
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    return files + ([named] if named else [])


def settings():
    found = {}
    for path in configuration_files():
        parser = configparser.RawConfigParser()
        parser.read(path, encoding="utf-8")
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update(parser.items(section))
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            found[name[4:].lower().replace("_", "-")] = value
    return found


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


def opener(options):
    context = ssl.create_default_context(cafile=options.get("cert"))
    if options.get("client-cert"):
        context.load_cert_chain(options["client-cert"])
    open_context = ssl._create_unverified_context()
    proxy = options.get("proxy")
    proxies = urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None)
    trusted = {host.split(":")[0] for host in options.get("trusted-host", "").split()}

    seconds = float(options.get("timeout") or options.get("default-timeout") or 30)
    secrets = {}

    def get(url):
        parts = urllib.parse.urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
        if user:
            # A page's links do not repeat the credentials that its own address has.
            secrets[host] = urllib.parse.unquote(user)
        request = urllib.request.Request(
            parts._replace(netloc=host).geturl(), headers={"Accept": "text/html, */*;q=0.1"}
        )
        if host in secrets:
            token = base64.b64encode(secrets[host].encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {token}")
        chosen = open_context if parts.hostname in trusted else context
        https = urllib.request.HTTPSHandler(context=chosen)
        director = urllib.request.build_opener(proxies, https)
        with director.open(request, timeout=seconds) as answer:
            return answer.read(), answer.geturl()

    return get


def candidates(options, get):
    """Where the wheel may lie, each an address; what cannot be read is told at the end."""
    pages = []
    for link in options.get("find-links", "").split():
        local = link[7:] if link.startswith("file://") else link
        if os.path.isdir(local):
            if os.path.exists(os.path.join(local, file_name)):
                yield "file://" + urllib.request.pathname2url(os.path.abspath(os.path.join(local, file_name)))
        else:
            pages.append(link)
    if options.get("no-index", "0").lower() not in ("1", "true", "yes", "on"):
        indexes = [options.get("index-url") or "https://pypi.org/simple"]
        indexes += options.get("extra-index-url", "").split()
        for index in indexes:
            page = index.rstrip("/") + "/pip/"
            pages.append(page + "index.html" if page.startswith("file:") else page)
    for page in pages:
        try:
            body, address = get(page)
        except OSError as error:
            problems.append(f"{redacted(page)}: {error}")
            continue
        links = Links()
        links.feed(body.decode("utf-8", "replace"))
        for href in links.found:
            target = urllib.parse.urljoin(address, href).split("#")[0]
            if urllib.parse.unquote(target).rpartition("/")[2] == file_name:
                yield target


def redacted(url):
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


problems = []
options = settings()
get = opener(options)
for address in candidates(options, get):
    try:
        content, _ = get(address)
    except OSError as error:
        problems.append(f"{redacted(address)}: {error}")
        continue
    if hashlib.sha256(content).hexdigest() != sha256:
        problems.append(f"{redacted(address)} has the wrong hash")
        continue
    path = os.path.join(folder, file_name)
    with open(path, "wb") as sink:
        sink.write(content)
    print(path)
    break
else:
    sys.exit("\n".join(problems) or f"No matching distribution found for {file_name}")
