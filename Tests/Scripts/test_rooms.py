"""Scripts/rooms on small packages: a correct one passes, and each kind of mistake is found.

Run with: python3 -m unittest Tests/Scripts/test_rooms.py
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "small",
    dependencies: [.package(url: "https://example.org/tools", from: "1.0.0")],
    targets: [
        // System libraries.

        // Compression. Everything else is ours.
        .systemLibrary(name: "CZip", pkgConfig: "zip"),
        // Fast loops in C.
        .target(name: "CLoops", dependencies: ["CZip"]),
        // The core: rules | plans.
        .target(name: "Core"),
        // What is shared
        // by all.
        .target(
            name: "Server",
            dependencies: ["CLoops", "Core", .product(name: "Logging", package: "tools")], swiftSettings: []),
        .testTarget(name: "ServerTests", dependencies: ["Server"]),
    ]
)
"""
FILES = {
    "Sources/CZip/shim.h": "#include <stdio.h>\n#include <zip.h>\n",
    "Sources/CLoops/loops.c": "#include <stdio.h>\n#include <zip.h>\n#include \"loops.h\"\n",
    "Sources/CLoops/include/loops.h": "int loop(void);\n",
    "Sources/Core/Rule.swift": "public struct Rule {}\n",
    "Sources/Server/Routes/Route.swift": "public import Core\nimport Logging\n@_exported import struct CLoops.Loop\n",
    "Tests/ServerTests/RouteTests.swift": "import Foundation\n@testable import Server\n",
}


class RoomsTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.package = Path(folder.name)
        self.write({"Package.swift": MANIFEST, **FILES})
        self.page = self.package / "docs/rooms.md"

    def write(self, files: dict[str, str]):
        for name, text in files.items():
            path = self.package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def edit(self, name: str, old: str, new: str):
        text = (self.package / name).read_text()
        self.assertIn(old, text)
        (self.package / name).write_text(text.replace(old, new))

    def rooms(self, *options: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [ROOT / "Scripts/rooms", "--package", self.package, *options], capture_output=True, text=True, timeout=60)

    def assert_found(self, problem: str):
        """Drawing and checking both fail, with that problem alone."""
        for options in [], ["--check"]:
            result = self.rooms(*options)
            self.assertEqual((result.returncode, result.stderr), (1, f"Scripts/rooms: {problem}\n"))

    def assert_in_order(self):
        result = self.rooms()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(self.rooms("--check").returncode, 0)

    def test_a_package_in_order_is_drawn_and_then_up_to_date(self):
        self.assert_in_order()
        page = self.page.read_text()
        self.assertIn("    Server --> CLoops\n    Server --> Core\n    CLoops --> CZip\n", page)
        self.assertIn(
            "| [`Server`](../Sources/Server) | What is shared by all | CLoops, Core | Logging | 1 | under 50 |\n"
            "| [`CLoops`](../Sources/CLoops) | Fast loops in C | CZip | — | 2 | under 50 |\n"
            "| [`Core`](../Sources/Core) | The core: rules \\| plans | — | — | 1 | under 50 |\n"
            "| [`CZip`](../Sources/CZip) | Compression | — | — | 1 | under 50 |\n", page)

    def test_an_arrow_that_follows_from_others_is_left_out(self):
        self.edit("Package.swift", '"Core"),', '"Core", dependencies: ["CLoops"]),')
        self.edit("Sources/Core/Rule.swift", "public struct", "import CLoops\npublic struct")
        self.assert_in_order()
        page = self.page.read_text()
        self.assertNotIn("Server --> CLoops", page)
        self.assertIn("What is shared by all | CLoops, Core |", page)

    def test_a_declared_module_that_is_not_imported_is_found(self):
        self.edit("Sources/Server/Routes/Route.swift", "public import Core\n", "// import Core\n")
        self.assert_found("Server declares Core in Package.swift, but no file in Sources/Server imports it")

    def test_a_declared_product_that_is_not_imported_is_found(self):
        self.edit("Sources/Server/Routes/Route.swift", "import Logging", "")
        self.assert_found("Server declares Logging in Package.swift, but no file in Sources/Server imports it")

    def test_a_declared_library_that_no_c_file_includes_is_found(self):
        self.edit("Sources/CLoops/loops.c", "#include <zip.h>\n", "")
        self.assert_found("CLoops declares CZip in Package.swift, but no file in Sources/CLoops imports it")

    def test_a_declared_module_that_a_test_target_does_not_import_is_found(self):
        self.edit("Tests/ServerTests/RouteTests.swift", "@testable import Server", "")
        self.assert_found("ServerTests declares Server in Package.swift, but no file in Tests/ServerTests imports it")

    def test_an_import_that_is_not_declared_is_found(self):
        self.edit("Tests/ServerTests/RouteTests.swift", "import Foundation\n", "import Foundation\nprivate import Core\n")
        self.assert_found(
            "ServerTests imports Core (Tests/ServerTests/RouteTests.swift:2), but Package.swift does not declare it")

    def test_a_header_of_a_target_that_is_not_declared_is_found(self):
        self.edit("Package.swift", '"CLoops", dependencies: ["CZip"]', '"CLoops", dependencies: []')
        self.assert_found("CLoops imports CZip (Sources/CLoops/loops.c:2), but Package.swift does not declare it")

    def test_what_stands_in_a_comment_or_a_string_is_no_import(self):
        self.edit("Sources/Core/Rule.swift", "public", '/*\nimport Server\n*/\n// import Server\nlet text = """\n'
                  '    import Server \\"""\n    import Server\n    """\nlet slashes = "/*"\npublic')
        self.assert_in_order()

    def test_a_page_that_is_out_of_date_or_missing_is_found(self):
        stale = "Scripts/rooms: docs/rooms.md is out of date; run Scripts/rooms and commit the result\n"
        self.assertEqual((self.rooms("--check").returncode, self.rooms("--check").stderr), (1, stale))
        self.assertFalse(self.page.exists())
        self.rooms()
        self.write({"Sources/Core/Plan.swift": ""})
        before = self.page.read_text()
        self.assertEqual((self.rooms("--check").returncode, self.rooms("--check").stderr), (1, stale))
        self.assertEqual(self.page.read_text(), before)
        self.assert_in_order()

    def test_modules_that_import_each_other_are_found(self):
        self.edit("Package.swift", '"Core"),', '"Core", dependencies: ["Server"]),')
        self.edit("Sources/Core/Rule.swift", "public struct", "import Server\npublic struct")
        self.assert_found("modules import each other in a circle: Core → Server → Core")

    def test_a_room_without_a_description_is_found(self):
        self.edit("Package.swift", "        // Fast loops in C.\n", "")
        self.assert_found("CLoops has no comment above its target in Package.swift")

    def test_a_folder_without_a_target_is_found(self):
        self.write({"Sources/Attic/Old.swift": ""})
        self.assert_found("Sources/Attic belongs to no target in Package.swift")

    def test_sizes_are_printed_and_never_fail(self):
        self.write({"Sources/Core/Long.swift": "\n" * 3000, **{f"Sources/Core/{n}.swift": "" for n in range(60)}})
        self.assert_in_order()
        printed = self.rooms().stdout
        self.assertIn("    62  Sources/Core\n", printed)
        self.assertIn("  3000  Sources/Core/Long.swift\n", printed)

    def test_a_manifest_that_cannot_be_read_is_not_guessed_at(self):
        self.edit("Package.swift", 'name: "Core"', "name: core")
        result = self.rooms("--check")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(
            result.stderr, "Scripts/rooms: Package.swift:15: the name of this target is not a string literal\n")


class ManifestTests(unittest.TestCase):
    def test_this_package_is_read_as_swiftpm_reads_it(self):
        sys.path.insert(0, str(ROOT / "Scripts/lib/rooms"))
        self.addCleanup(sys.path.pop, 0)
        from manifest import read_targets

        with tempfile.TemporaryDirectory() as scratch:
            dump = subprocess.run(
                ["swift", "package", "--package-path", ROOT, "--scratch-path", scratch, "dump-package"],
                capture_output=True, check=True, env={**os.environ, "JOSTLE_FUZZING": "1"}).stdout
        expected = {
            target["name"]: [next(iter(dependency.values()))[0] for dependency in target["dependencies"]]
            for target in json.loads(dump)["targets"]}
        found = {target.name: target.dependencies for target in read_targets((ROOT / "Package.swift").read_text())}
        self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
