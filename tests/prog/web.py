"""Servers for programs that fetch, in a network namespace of their own:

    web.py CERTIFICATE KEY

HTTP on the ports 80 and 8080, HTTPS on 443 and 8443, and DNS, by which every
name is 127.0.0.1. A page is its path, and what is posted comes back. Each
request is told on standard output.
"""
import fcntl
import http.server
import socket
import ssl
import struct
import sys
import threading

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(f'page {self.path}\n'.encode())

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers['Content-Length'])))

    def answer(self, body):
        print('request', self.server.server_address[1], self.path, flush=True)
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(target):
    threading.Thread(target=target).start()


def serve(port, context=None):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Page)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    start(server.serve_forever)


def names():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(('127.0.0.1', 53))
    start(lambda: answer_names(sock))


def answer_names(sock):
    while True:
        query, client = sock.recvfrom(512)
        end = query.index(0, 12) + 5
        is_a = query[end - 4:end - 2] == b'\0\1'
        reply = query[:2] + b'\x81\x80\0\1' + struct.pack('!HHH', is_a, 0, 0)
        reply += query[12:end]
        if is_a:
            reply += b'\xc0\x0c\0\1\0\1' + struct.pack('!IH', 60, 4)
            reply += bytes([127, 0, 0, 1])
        sock.sendto(reply, client)


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP))
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1], sys.argv[2])
names()
for number in 80, 8080:
    serve(number)
for number in 443, 8443:
    serve(number, tls)
print('ready', flush=True)
