"""An aiosmtpd in its usual form. Its argument is JSON; it ends when its standard input ends."""

import asyncio
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP

options = json.loads(sys.argv[1])
mail = pathlib.Path(options["mail"])


class Handler:
    stored = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("refused@"):
            return "550 5.1.1 No such mailbox"
        if len(envelope.rcpt_tos) >= options["recipients"]:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        self.stored += 1
        name = str(self.stored)
        (mail / "tmp" / name).write_bytes(envelope.original_content)
        (mail / "tmp" / name).rename(mail / "new" / name)
        return "250 2.0.0 OK"


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(options["certificate"], options["key"])
    handler = Handler()

    def serve():
        return SMTP(
            handler,
            hostname="mx.example.org",
            tls_context=tls,
            enable_SMTPUTF8=True,
            data_size_limit=options["size"],
            command_call_limit={"MAIL": options["messages"], "*": 1000},
            timeout=options["idle"],
        )

    loop = asyncio.get_running_loop()
    await loop.create_server(serve, "127.0.0.1", options["port"])
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
