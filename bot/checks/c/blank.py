# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes kernel C palatable to a C grammar without moving a single byte.

Promises text of equal length with every line end in its place, so that spans found in it are true in the original.
Refuses to understand: what is rewritten is what the grammar cannot know to be an attribute, a loop or a type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORDS_TEXT = """
__always_inline __always_unused __bitwise __bpf_kfunc __cacheline_aligned __cacheline_aligned_in_smp __cold
__cpuidle __deprecated __designated_init __entry_text __exit __exitdata __flatten __force __function_aligned
__head __hot __init __init_memblock __init_or_module __initconst __initconst_or_module __initdata
__initdata_memblock __initdata_or_module __inittext __inline __inline__ __iomem __irq_entry __kernel __kprobes
__latent_entropy __lockfunc __malloc __maybe_unused __meminit __meminitdata __must_check __naked __net_exit
__net_init __net_initdata __no_kasan_or_inline __no_kcsan __no_profile __no_randomize_layout
__no_sanitize_address __no_sanitize_memory __no_sanitize_or_inline __no_sanitize_thread __no_sanitize_undefined
__no_stack_protector __nocast __nocfi __noclone __noendbr __noinitretpoline __noinline __nonstring __noreturn
__nosavedata __noscs __packed __page_aligned_bss __page_aligned_data __percpu __private __pure
__randomize_layout __rcu __read_mostly __ref __refconst __refdata __ro_after_init __safe __sched __signed
__softirq_entry __tracepoint_string __unused __used __user __visible __weak ____cacheline_aligned
____cacheline_aligned_in_smp ____cacheline_internodealigned_in_smp asmlinkage noinline noinline_for_stack
noinline_for_tracing noinstr nokprobe_inline notrace randomized_struct_fields_end randomized_struct_fields_start
"""
_WORDS = frozenset(_WORDS_TEXT.split())
_WITH_ARGUMENTS_TEXT = """
__acquires __acquires_shared __alias __aligned __alloc_size __assume_aligned __attribute __attribute__
__attribute_const__ __cleanup __cond_acquires __cond_acquires_shared __copy __counted_by __counted_by_be
__counted_by_le __counted_by_ptr __diagnose_as __error __excludes __format_arg __free __guarded_by __must_hold
__must_hold_shared __no_context_analysis __no_sanitize __nonnull __printf __pt_guarded_by __realloc_size
__releases __releases_shared __requires __returns_nonnull __scanf __section __sized_by __tagged __warning
"""
_WITH_ARGUMENTS = frozenset(_WITH_ARGUMENTS_TEXT.split())
_MAYBE_ATTRIBUTE = re.compile(r'\b(?:_{2,4}[a-z]\w*|asmlinkage|no[a-z]+_?\w*|randomized_struct_\w+)\b')
_PARENTHESIS = re.compile(r'[()]')
_OPENS = re.compile(r'[ \t]*\(')
_DEFINES = re.compile(r'#[ \t]*define[ \t]+\Z')
_LOOP = re.compile(r'for_?each\w*(?=\s*\()')
_GUARDED = re.compile(r'scoped_(?:\w+_)?guard(?=\s*\()')
_NAME_BEFORE = re.compile(r'(?<!\w)\w+\Z')
_STATEMENT_BEFORE = re.compile(r'(?:[;{}):]|^|\belse)[ \t]*\Z', re.MULTILINE)
_CASE_RANGE = re.compile(r'(?m)^([ \t]*case\b[^:\n]{0,200}?)\.\.\.(?=[^:\n]{1,200}:)')
_STATIC_MACRO = re.compile(r'(?m)^([ \t]*)static([ \t]+(?:DEFINE|DECLARE)_[A-Z_]+\()')
_MEMBER_PATH = re.compile(r'(\boffsetof(?:end)?\([^,()\n]{0,200},\s{0,200})([\w.]{1,200})(?=\s*\))')
_SYSCALL = re.compile(r'(?m)^(?:(?:COMPAT_)?SYSCALL_DEFINE|BPF_CALL_)[0-9]\(')
_NAMED_BY_MACRO = re.compile(r'(?m)^[A-Z][A-Z0-9_]{3,}\(((?:\w+,[ \t]*)*\w+)\)(?=[ \t]*\n\{)')
_INITIALIZER_END = re.compile(r'(?m)^\}(;?)')
_SIZED = (
    r'(?:unsigned|signed|long|short|int|char|void|bool|float|double|size_t|ssize_t|ptrdiff_t|u?int(?:8|16|32|64|ptr)_t)'
)
_TYPE = re.compile(
    r'([(,]\s*)((?:const\s+|volatile\s+)*'
    rf'(?:(?:struct|union|enum)\s+\w+|{_SIZED}\b(?:\s+{_SIZED}\b)*|\w+(?=(?:\s+const)?\s*\*))'
    r'(?:\s+const\b)?(?:\s*\*)*)(?=\s*[,)])'
)
_NOT_CALLED_TEXT = """
sizeof typeof __typeof__ __typeof typeof_unqual alignof _Alignof __alignof__ return if while switch for do else case defined __auto_type
"""
_NOT_CALLED = frozenset(_NOT_CALLED_TEXT.split())
_PREVIOUS_WORD = re.compile(r'([A-Za-z_]\w*)\s*\Z')
_MAX_ARGUMENTS = 4000
_MAX_OPEN_ENDED = 100
_BLANKS = {at: ' ' for at in range(128) if chr(at) not in '\n\r'}
_JOINED = str.maketrans({' ': '_', '\t': '_', '*': '_'})
_ASCII = bytes(
    byte if 32 <= byte < 127 or byte in b'\t\n\r' else (ord('x') if byte >= 128 else 32) for byte in range(256)
)


def blank(text: bytes) -> bytes:
    """Return the text, byte for byte as long, with attribute macros, loop macros and type arguments made parseable."""
    code = text.translate(_ASCII).decode('ascii')
    code = _without_attributes(code)
    code = _as_statements(code, _LOOP, 'while')
    code = _as_statements(code, _GUARDED, 'if')
    code = _CASE_RANGE.sub(r'\1 + ', code)
    code = _STATIC_MACRO.sub(r'\1      \2', code)
    code = _with_syscalls_as_functions(code)
    code = _with_named_bodies(code)
    code = _without_type_arguments(code)
    return _MEMBER_PATH.sub(lambda found: found[1] + found[2].replace('.', '_'), code).encode('ascii')


def closing(code: str, opening: int, limit: int = _MAX_ARGUMENTS) -> int | None:
    """Return where the parenthesis at `opening` is closed, None when that is farther than `limit` or never."""
    depth = 0
    for found in _PARENTHESIS.finditer(code, opening, opening + limit):
        depth += 1 if found[0] == '(' else -1
        if depth == 0:
            return found.start()
    return None


def _spaces(text: str) -> str:
    return text.translate(_BLANKS)


def _as_statements(code: str, macro: re.Pattern[str], keyword: str) -> str:
    """Write a macro that heads a block as the statement it stands for; its arguments become the condition."""
    pieces, done = [], 0
    for found in macro.finditer(code):
        before = _NAME_BEFORE.search(code, max(done, found.start() - 64), found.start())
        start = before.start() if before else found.start()
        if _STATEMENT_BEFORE.search(code, max(0, start - 80), start):
            pieces += [code[done:start], keyword.ljust(found.end() - start)]
            done = found.end()
    return ''.join([*pieces, code[done:]])


def _without_attributes(code: str) -> str:
    pieces, done, open_ended = [], 0, 0
    for found in _MAYBE_ATTRIBUTE.finditer(code):
        if found.start() < done or not _is_attribute(code, found):
            continue
        opens = _OPENS.match(code, found.end()) if found[0] in _WITH_ARGUMENTS else None
        end = closing(code, opens.end() - 1) if opens is not None and open_ended < _MAX_OPEN_ENDED else None
        if opens is not None and end is None:
            open_ended += 1
            continue
        done_now = found.end() if end is None else end + 1
        pieces += [code[done : found.start()], _spaces(code[found.start() : done_now])]
        done = done_now
    return ''.join([*pieces, code[done:]])


def _is_attribute(code: str, found: re.Match[str]) -> bool:
    """Tell an attribute from a function of such a name and from the attribute's own definition."""
    word = found[0]
    if word not in _WITH_ARGUMENTS and (word not in _WORDS or code.startswith('(', found.end())):
        return False
    return _DEFINES.search(code, max(0, found.start() - 32), found.start()) is None


def _with_syscalls_as_functions(code: str) -> str:
    """Write SYSCALL_DEFINEn(name, type, argument, ...) as `long name(type argument, ...)`."""
    for found in reversed(list(_SYSCALL.finditer(code))):
        end = closing(code, found.end() - 1)
        if end is None:
            continue
        commas = [at for at in range(found.end(), end) if code[at] == ',']
        head = list(code[found.start() : end + 1])
        head[: found.end() - found.start()] = 'long'.ljust(found.end() - found.start())
        if not commas:
            continue
        for nth, at in enumerate(commas):
            head[at - found.start()] = '(' if nth == 0 else ' ' if nth % 2 else ','
        code = code[: found.start()] + ''.join(head) + code[end + 1 :]
    return code


def _with_named_bodies(code: str) -> str:
    """Write MACRO(a, b) before a body in column one as a function `a_b()`: tests and entry points are made so."""
    pieces, done = [], 0
    end = _INITIALIZER_END.search(code)
    for found in _NAMED_BY_MACRO.finditer(code):
        if end is not None and end.start() < found.end():
            end = _INITIALIZER_END.search(code, found.end())
        if end is None:
            break
        if not end[1]:
            name = re.sub(r',[ \t]*', '_', found[1])
            pieces += [code[done : found.start()], f'int {name}()'.ljust(len(found[0]))]
            done = found.end()
    return ''.join([*pieces, code[done:]])


def _without_type_arguments(code: str) -> str:
    pieces, done = [], 0
    for start, end in _type_arguments(code):
        name = code[start:end].translate(_JOINED)
        pieces += [code[done:start], name if name.strip('_') != code[start:end] else name.upper()]
        done = end
    return ''.join([*pieces, code[done:]])


def _type_arguments(code: str) -> Iterator[tuple[int, int]]:
    """Yield where a whole argument is a type: only after a comma or the name of what is called, never in a cast."""
    for found in _TYPE.finditer(code):
        start, end = found.span(2)
        if '\n' in code[start:end]:
            continue
        if found[1][0] == '(':
            word = _PREVIOUS_WORD.search(code, max(0, found.start() - 64), found.start())
            if word is None or word[1] in _NOT_CALLED or found[2] == 'void':
                continue
        yield start, end
