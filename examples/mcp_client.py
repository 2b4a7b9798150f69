"""Asks the library through its MCP server, as an assistant program does.

    pip install 'crpd-qa[mcp]'
    python examples/mcp_client.py "How many persons have a disability?"

Starts `crpd-qa mcp`, which answers from the library of CRPD_QA_INDEX or from index/library.
"""

import asyncio
import os
import sys

from mcp import Client, StdioServerParameters

# Of the environment a client passes on only what it is told to.
SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-m", "crpd_qa", "mcp"],
    env={name: value for name, value in os.environ.items() if name.startswith(("CRPD_QA_", "PYTHON"))},
)


async def main(question: str) -> None:
    async with Client(SERVER) as library:
        answer = await library.call_tool("ask", {"question": question})
        print(answer.content[0].text, "\n")
        citations = (answer.structured_content or {}).get("citations", [])
        for document, label in dict.fromkeys((c["document"], c["label"]) for c in citations):
            paragraph = await library.call_tool("read_paragraph", {"document": document, "label": label})
            print(paragraph.structured_content["citation"], paragraph.structured_content["text"], "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "How many persons have a disability?"))
