"""Sources of Boomer and Locust4j, made to speak Locust 2's messages.

The latest releases, Boomer 1.6.0 and Locust4j 1.0.14, use the messages of Locust 1; their main branches use those of
Locust 2. Transport, codec and statistics are the same in both. The patches here add what Locust 2 changed: a
`client_ready` with -1, `user_classes_count` in orders, and the same in their own messages.
"""

from __future__ import annotations

import re
from pathlib import Path

Changes = dict[str, list[tuple[str, str]]]
"""By file: patterns and their replacements; each pattern must occur."""

_USERS_OF_AN_ORDER = """usersOfClasses = msg.Data.(map[string]interface{})["user_classes_count"]
	workers := 0
	for _, users := range usersOfClasses.(map[string]interface{}) {
		if count, ok := users.(uint64); ok {
			workers += int(count)
		} else {
			workers += int(users.(int64))
		}
	}
	spawnRate := float64(workers)
"""

BOOMER: Changes = {
    "message.go": [
        (r"import \(", 'import (\n\t"reflect"\n'),
        (r"Data +map\[string\]interface\{\}", "Data interface{}"),
        (r"data map\[string\]interface\{\}, nodeID", "data interface{}, nodeID"),
        (
            r"mh\.StructToArray = true",
            "mh.StructToArray, mh.RawToString = true, true\n\tmh.MapType = reflect.TypeOf(map[string]interface{}(nil))",
        ),
    ],
    "runner.go": [
        (r'"client_ready", nil', '"client_ready", -1'),
        (r"type slaveRunner struct", "var usersOfClasses interface{}\n\ntype slaveRunner struct"),
        (
            r'data\["(user_)?count"\] = r\.numClients',
            r'data["\1count"] = r.numClients' + '\n\tdata["user_classes_count"] = usersOfClasses',
        ),
        (r'rate := msg\.Data\["spawn_rate"\].*?\n\t\}\n', _USERS_OF_AN_ORDER),
    ],
}

_READ_CLASSES = """default:
                        org.msgpack.value.Value nested = unpacker.unpackValue();
                        if (nested.isMapValue() && "user_classes_count".equals(key)) {
                            Map<String, Object> classes = new HashMap<>();
                            long users = 0;
                            for (Map.Entry<org.msgpack.value.Value, org.msgpack.value.Value> one
                                    : nested.asMapValue().entrySet()) {
                                classes.put(one.getKey().toString(), one.getValue().asIntegerValue().toLong());
                                users += one.getValue().asIntegerValue().toLong();
                            }
                            this.data.put("num_users", users);
                            this.data.put("spawn_rate", Math.max(users, 1));
                            value = classes;
                        } else {
                            value = null;
                        }"""

LOCUST4J: Changes = {
    "message/Message.java": [
        (r"default:\s+throw new IOException\([^;]*;", _READ_CLASSES),
        (r"value = unpacker\.unpackFloat\(\)", "value = unpacker.unpackDouble()"),
        (r"value = unpacker\.unpackInt\(\)", "value = unpacker.unpackLong()"),
        (
            r"\} else \{\s+packer\.packNil\(\);",
            '} else if ("client_ready".equals(this.type)) {\n packer.packInt(-1);\n} else {\n packer.packNil();',
        ),
    ],
    "runtime/Runner.java": [
        (r"(private boolean spawnMessageIsValid)", "private Object usersOfClasses;\n\n\\1"),
        (
            r'data\.put\("count", this\.numClients\);',
            'data = new HashMap<>(data);\ndata.put("count", this.numClients);\n'
            'data.put("user_classes_count", this.usersOfClasses);',
        ),
        (
            r'data\.put\("user_count", runner\.numClients\);',
            'data.put("user_count", runner.numClients);\ndata.put("user_classes_count", runner.usersOfClasses);',
        ),
        (
            r"(private void onSpawnMessage\([^{]*\{)",
            '\\1\nthis.usersOfClasses = message.getData().get("user_classes_count");',
        ),
    ],
}


def speak_locust_2(folder: Path, changes: Changes) -> None:
    """Patches a copy of a release in place.

    Args:
        folder: Its source files, writable.
        changes: `BOOMER` or `LOCUST4J`.
    """
    for name, of_a_file in changes.items():
        path = folder / name
        text = path.read_text()
        for pattern, replacement in of_a_file:
            text, count = re.subn(pattern, lambda found, r=replacement: _expanded(found, r), text, flags=re.S)
            assert count, f"{pattern} is not in {name}"
        path.write_text(text)


def _expanded(found: re.Match[str], replacement: str) -> str:
    """The replacement, with the first group of the match where it refers to it."""
    return replacement.replace("\\1", (found[1] or "") if found.re.groups else "")
