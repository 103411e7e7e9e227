"""Whether a file is well-formed in a language for which Debian has no compiler: `parse.py swift|objc FILE`."""

import importlib
import sys

from tree_sitter import Language, Parser


def wrong(node):
    if node.type == "ERROR" or node.is_missing:
        return node
    return next((found for child in node.children if child.has_error and (found := wrong(child))), None)


name, path = sys.argv[1:]
grammar = Language(importlib.import_module(f"tree_sitter_{name}").language())
with open(path, "rb") as file:
    root = Parser(grammar).parse(file.read()).root_node
if root.has_error:
    found = wrong(root) or root
    row, column = found.start_point
    sys.exit(f"{path}:{row + 1}:{column + 1}: {found.text.decode(errors='replace')[:80]!r}")
