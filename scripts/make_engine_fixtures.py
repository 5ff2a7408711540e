"""Lists the settings that released engines take, from their packages: fixtures of the tests of `redraft export`.

    pip download --no-deps --no-binary :all: vllm==0.33.0 -d packages   # or the .tar.gz from the page of the release
    python scripts/make_engine_fixtures.py packages src/test/resources/redraft/export/released

Reads sources and runs none of them. Packages that are not there are passed over, their fixtures stay.
"""

import ast
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path


def member(package, ending):
    """Text of the one member of an archive whose name ends so; None where there is none."""
    if package.name.endswith(".whl"):
        with zipfile.ZipFile(package) as archive:
            names = [n for n in archive.namelist() if ("/" + n).endswith(ending)]
            return archive.read(names[0]).decode() if names else None
    with tarfile.open(package) as archive:
        for entry in archive:
            if entry.name.endswith(ending):
                return archive.extractfile(entry).read().decode()
    return None


def words(node, known):
    """What a Literal[...] allows; names of other literals in it are followed."""
    if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal":
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return [w for item in items for w in ([item.value] if isinstance(item, ast.Constant) else known.get(item.id, []))]
    return []


def vllm(package):
    text = member(package, "/vllm/config/speculative.py") or member(package, "/vllm/config/__init__.py") or member(package, "/vllm/config.py")
    tree = ast.parse(text)
    literals = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found = words(node.value, literals)
            if found:
                literals[node.targets[0].id] = found
    config = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "SpeculativeConfig")
    fields = [n.target.id for n in config.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
    arguments = member(package, "/vllm/engine/arg_utils.py")
    refused = ["draft_model"] if re.search(r"raft model( speculative decoding)? is not supported yet", arguments) else []
    return {
        "fields": sorted(fields),
        "methods": sorted(literals["SpeculativeMethod"]),
        "refused": refused,
        "rejection_sample_method": literals.get("RejectionSampleMethod", []),
        "draft_sample_method": literals.get("DraftSampleMethod", []),
    }


def sglang(package):
    tree = ast.parse(member(package, "/sglang/srt/arg_groups/fields/spec.py"))
    spec = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Spec")
    flags = []
    for node in spec.body:
        if isinstance(node, ast.AnnAssign) and "no_cli=True" not in ast.unparse(node):
            flags.append("--" + node.target.id.replace("_", "-"))
            flags += re.findall(r"'(--[a-z-]+)'", ast.unparse(node.annotation)) if "aliases" in ast.unparse(node) else []
    environment = re.findall(r"^\s+(SGLANG_SIMULATE_\w+)", member(package, "/sglang/srt/environ.py"), re.M)
    algorithms = re.search(r"Builtins: ([A-Z0-9, ]+)\.", ast.unparse(spec)).group(1).split(", ")
    return {"flags": sorted(set(flags)), "environment": sorted(environment), "algorithms": algorithms}


def llama_cpp(package):
    text = member(package, "/vendor/llama.cpp/common/arg.cpp")
    version = "0." + re.search(r"LLAMA_VERSION_MINOR (\d+)", member(package, "/vendor/llama.cpp/CMakeLists.txt")).group(1)
    flags, removed = [], []
    for option in re.split(r"add_opt\(common_arg\(", text)[1:]:
        head = option.split("[](", 1)[0]
        names = [n for group in re.findall(r'\{("-[^}]*)\}', head) for n in re.findall(r'"(--?[A-Za-z0-9-]+)"', group)]
        (removed if "arg_removed(" in option else flags).extend(names)
    kinds = re.findall(r'\{"([a-z0-9-]+)",\s+COMMON_SPECULATIVE_TYPE', member(package, "/vendor/llama.cpp/common/speculative.cpp"))
    return version, {"flags": sorted(set(flags)), "removed": sorted(set(removed)), "types": kinds}


def flags_of(package, ending):
    return {"flags": sorted(set(re.findall(r'^\s+"(--[a-z0-9-]+)",', member(package, ending), re.M)))}


def transformers(package):
    text = member(package, "/transformers/generation/configuration_utils.py")
    return {"fields": sorted(set(re.findall(r'kwargs\.pop\("(\w+)"', text)))}


def write(folder, name, content):
    (folder / name).write_text(json.dumps(content, indent=1) + "\n")
    print(name)


def main(packages, folder):
    releases = {}
    for package in sorted(packages.iterdir()):
        name = package.name
        version = re.search(r"-(\d[\w.]*?)(?:-|\.tar)", name)
        if version is None:
            continue
        version = version.group(1)
        if name.startswith("vllm-"):
            releases[version] = vllm(package)
        elif name.startswith("sglang-"):
            write(folder, "sglang.json", {version: sglang(package)})
        elif name.startswith("llama_cpp_python-"):
            write(folder, "llama.cpp.json", dict([llama_cpp(package)]))
        elif name.startswith("aiconfigurator-"):
            write(folder, "aiconfigurator.json", {version: flags_of(package, "/aiconfigurator/cli/main.py")})
        elif name.startswith("ai_dynamo-"):
            write(folder, "dynamo-mocker.json", {version: flags_of(package, "/dynamo/mocker/args.py")})
        elif name.startswith("transformers-"):
            write(folder, "transformers.json", {version: transformers(package)})
    if releases:
        write(folder, "vllm.json", dict(sorted(releases.items(), key=lambda r: [int(p) for p in r[0].split(".")])))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
