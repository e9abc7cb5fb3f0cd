"""The mutants of a Java file."""

from __future__ import annotations

from textwrap import dedent

from tests.mutants.java_code import java_mutants

CODE = dedent("""
    package migration;

    import java.util.List;

    /** Counts 3 things: a == b. */
    final class Counter {
        private static final int MOST = 3;
        private int count; // 4 of them

        @Override
        boolean add(int number, byte one) {
            // a comment with 5 == 5
            if (number < MOST && one != ' ' || !known(number)) {
                count += number * 2;
                out.append('x').append("7 == 7");
                return true;
            }
            for (int n = 0; n < number; n++) {
                total.add(n);
            }
            throw new IllegalStateException("8 < 9");
        }

        int value() {
            return count;
        }
    }
""")


def changes(text: str) -> list[str]:
    return [mutant.change for mutant in java_mutants("Counter.java", CODE) if mutant.text == text]


def test_operators_numbers_and_characters_are_changed_one_at_a_time() -> None:
    assert changes("if (number < MOST && one != ' ' || !known(number)) {") == [
        "`<` becomes `<=`",
        "`&&` becomes `||`",
        "`!=` becomes `==`",
        "`' '` becomes `'~'`",
        "`||` becomes `&&`",
        "`!` becomes ``",
    ]
    assert changes("private static final int MOST = 3;") == ["`3` becomes `4`"]
    assert changes("count += number * 2;") == [
        "without `count += number * 2;`",
        "`+=` becomes `-=`",
        "`*` becomes `/`",
        "`2` becomes `3`",
    ]


def test_a_call_of_its_own_line_is_left_out_and_a_result_is_null() -> None:
    assert "without `total.add(n);`" in changes("total.add(n);")
    assert changes("return count;") == ["returns null"]
    assert changes("return true;") == ["`true` becomes `false`"]


def test_comments_texts_annotations_imports_and_messages_are_left_alone() -> None:
    changed = {mutant.text for mutant in java_mutants("Counter.java", CODE)}

    assert not {
        text for text in changed if text.startswith(("/**", "//", "@", "import", "package", "throw", "final class"))
    }
    assert changes("private int count; // 4 of them") == []
    assert changes("""out.append('x').append("7 == 7");""") == [
        """without `out.append('x').append("7 == 7");`""",
        "`'x'` becomes `'~'`",
    ]


def test_a_mutant_is_the_file_with_one_change() -> None:
    (mutant,) = [candidate for candidate in java_mutants("Counter.java", CODE) if candidate.change == "`3` becomes `4`"]

    assert mutant.source == CODE.replace("MOST = 3", "MOST = 4")
    assert (mutant.line, mutant.path) == (8, "Counter.java")
