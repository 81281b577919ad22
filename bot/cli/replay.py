"""`shebao replay`, `shebao fuzz`; bot.cli adds them to its group. Imports on use."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.content import here, known
from bot.content.read.files import is_city

if TYPE_CHECKING:
    from bot.kit.replay.coverage import Coverage
    from bot.kit.replay.report import Result
    from bot.kit.replay.run import Options

EXIT_DIFFERS, EXIT_UNUSABLE = 1, 2


_FLOW = "Only what concerns this flow."
_NO_OWN = (
    "This city has no replays of its own, which alone can be written, measured or changed: "
    "write tests/replays/NAME.yaml, or record one"
)


@contextmanager
def _playing() -> Iterator[None]:
    """Ends the command where the content cannot be played."""
    from bot import logs
    from bot.kit.replay.stage import CannotPlay

    logs.configure("CRITICAL")
    try:
        yield
    except CannotPlay as e:
        click.echo(str(e), err=True)
        sys.exit(EXIT_UNUSABLE)


def _chosen(given: list[Path], options: Options, flow: str, only: str) -> list[Path]:
    """Returns the replays about the flow, if there is one. Raises CannotPlay; ClickException if the content
    has no such flow or language."""
    from bot.kit.replay import run

    if flow or only:
        content = run.scenery_of(options).content
        known("flow", flow, content.flows)
        known("language", only, content.languages)
    return run.about(flow, given) if flow else given


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--flow", default="", metavar="FLOW", help=_FLOW)
@click.option("--lang", "only", default="", metavar="CODE", help="Only in this language, such as en.")
@click.option(
    "--match", type=click.Choice(["all", "steps"]), default="all", help="steps: without the wording."
)
@click.option("--update", is_flag=True, help="Write what came into the files, comments stay.")
@click.option("--ids", is_flag=True, help="With --update: which texts came (`says:`), not their words.")
@click.option("--page", is_flag=True, help="Also on the resident's page: the same must come of it.")
@click.option("--jobs", "-j", type=click.IntRange(0, 64), default=1, help="Processes; 0: one for each core.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Also write JUnit XML.")
@click.option("--http", is_flag=True, help="Over HTTP, to a server of its own with an embedded Valkey.")
@click.option("--target", default="", metavar="URL", help="Over HTTP, to a service that runs somewhere.")
@click.option("--changes", is_flag=True, help="With --target: also what the service's bureau will keep.")
@click.option("--coverage", is_flag=True, help="Also tell what no replay reaches.")
@click.option("--fail-under", type=click.FloatRange(0, 100), default=0.0, help="Percent, with --coverage.")
@click.option("--schema", is_flag=True, help="Print the files' JSON Schema.")
def replay(
    paths: tuple[Path, ...],
    flow: str,
    only: str,
    match: str,
    update: bool,
    ids: bool,
    page: bool,
    jobs: int,
    junit: Path | None,
    http: bool,
    target: str,
    changes: bool,
    coverage: bool,
    fail_under: float,
    schema: bool,
) -> None:
    """Play recorded conversations again. 0: all as expected, 1: something differs, 2: cannot be played."""
    from bot.kit.replay import report, run

    if schema:
        import json

        from bot.kit.replay.models import schema as made

        click.echo(json.dumps(made(), ensure_ascii=False, indent=1))
        return
    root = here()
    if is_city(root) and not paths:
        own = (root / "tests" / "replays").is_dir()
        if not own and (update or page or coverage or http or target or junit):
            raise click.ClickException(_NO_OWN)
        _of_the_release(root, jobs, flow, only)
        if not own:
            return
    given = run.files(paths or (root / "tests" / "replays",))
    if not given:
        raise click.ClickException(
            "There is no replay file here: write tests/replays/NAME.yaml, or record one"
        )
    options = run.Options(root, match, update, page=page, ids=ids, only=only)
    for one, needs, idle in (
        ("--ids", "--update", ids and not update),
        ("--changes", "--target", changes and not target),
        ("--fail-under", "--coverage", fail_under and not coverage),
    ):
        if idle:
            raise click.UsageError(f"{one} goes with {needs}, and does nothing without it")
    if only and (http or target or update or coverage or page):
        raise click.UsageError("--lang plays in the chat, here, and writes and measures nothing")
    if (http or target) and (update or coverage or page or match == "steps"):
        raise click.UsageError(
            "over HTTP only words are seen: no --update, --coverage, --page, --match steps"
        )
    began = time.perf_counter()
    measured: Coverage | None = None
    with _playing():
        given = _chosen(given, options, flow, only)
        if coverage:
            from bot.kit.replay.coverage import measure

            measured = measure(given, options, jobs)
            played: Iterable[Result] = measured.results
        elif http or target:
            from bot.kit.replay.remote import over_http

            played = over_http(given, options, target, jobs, changes)
        else:
            played = run.everything(given, options, jobs)
        results = _told(played)
    if junit is not None:
        report.junit(results, junit)
    skipped = [r for r in results if r.skipped]
    for reason in sorted({r.skipped for r in skipped}):
        click.echo(f"skipped {sum(r.skipped == reason for r in skipped)}: {reason}")
    failed = [r for r in results if r.text]
    results = [r for r in results if not r.skipped]
    turns = sum(r.turns for r in results)
    click.echo(
        f"{len(results) - len(failed)} of {len(results)} conversations as expected, "
        f"{turns} turns, {time.perf_counter() - began:.1f} s"
    )
    for result in results:
        if result.only_chat:
            click.echo(f"only in the chat: {result.path} ({result.only_chat})")
    unseen = report.not_seen(results)
    if unseen:
        click.echo(f"not judged, since no answer shows it: {unseen}")
    if measured is not None:
        _tell(measured)
        if measured.percent < fail_under:
            click.echo(f"Less than {fail_under:g} % is reached.")
            sys.exit(EXIT_DIFFERS)
    if failed:
        sys.exit(EXIT_UNUSABLE if any(r.broken for r in failed) else EXIT_DIFFERS)


def _told(played: Iterable[Result]) -> list[Result]:
    """Prints why replays failed, as they come."""
    results = []
    for one in played:
        results.append(one)
        if one.text:
            click.echo(one.text + "\n")
    return results


def _of_the_release(root: Path, jobs: int, flow: str, only: str) -> None:
    """Plays the release's replays on a city: all, or those about a flow, or in one language. Ends the command
    where one does not hold."""
    from bot.content.read import city
    from bot.content.read.files import collect
    from bot.kit.replay import run

    given = run.files((city.RELEASE / "tests" / "replays",))
    if not given:
        click.echo("The release has no replays beside it.")
        return
    with city.played(collect(root)) as (there, rules), _playing():
        options = run.Options(there, release=city.RELEASE, ruled=rules, only=only)
        results = _told(run.everything(_chosen(given, options, flow, only), options, jobs))
    results = [one for one in results if not only or one.skipped != run.not_in(only)]
    for reason in sorted({one.skipped for one in results if one.skipped}):
        names = [Path(one.path).stem for one in results if one.skipped == reason]
        click.echo(f"skipped {len(names)}, {reason}: {', '.join(names)}")
    failed, played = sum(bool(one.text) for one in results), sum(not one.skipped for one in results)
    if ruled := [Path(one.path).stem for one in results if one.ruled]:
        named = ", ".join(ruled)
        click.echo(
            f"with the release's rules and outlets {len(ruled)}, as the city's lead elsewhere: {named}"
        )
    click.echo(f"{played - failed} of {played} conversations of the release as expected in this city")
    if failed:
        sys.exit(EXIT_DIFFERS)


def _tell(measured: Coverage) -> None:
    from bot.kit.replay.coverage import summary

    for line in (*measured.missed, "Reached by these replays:", *summary(measured)):
        click.echo(str(line))


@click.command()
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--each",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Mutants of each kind; 0: all there are.",
)
@click.option("--flow", default="", metavar="FLOW", help=_FLOW)
@click.option("--jobs", "-j", type=click.IntRange(0, 64), default=0, help="Processes; 0: one for each core.")
def mutants(seed: int, each: int, flow: str, jobs: int) -> None:
    """Change the content in small wrong ways: each change must make a replay fail. 1 if too many do not."""
    from bot.kit.replay import mutants as made
    from bot.kit.replay.stage import scenery

    root, began = here(), time.perf_counter()
    with _playing():
        stage = scenery(root)
        known("flow", flow, stage.content.flows)
        if not (root / "tests" / "replays").is_dir():
            raise click.ClickException(_NO_OWN)
        bench = made.prepare(stage, seed, each, flow)
    lines, good = made.told(bench, made.run(bench, jobs), made.reasons(root))
    for line in lines:
        click.echo(line)
    click.echo(f"seed {seed}, {len(bench.conversations)} replays, {time.perf_counter() - began:.0f} s")
    if not good:
        sys.exit(EXIT_DIFFERS)


@click.command()
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--turns", type=click.IntRange(1, 10_000_000), default=5000, show_default=True)
@click.option(
    "--length", type=click.IntRange(1, 1000), default=30, show_default=True, help="Turns of one resident."
)
@click.option("--flow", default="", metavar="FLOW", help="Residents want this one.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Where failures go: var/fuzz.")
def fuzz(seed: int, turns: int, length: int, flow: str, into: Path | None) -> None:
    """Random residents: finds crashes, silence, dead ends, texts too long or untrue, personal data in clear.

    Each kind of failure is written once, as the shortest replay file that shows it. 1 if any was found.
    """
    from bot.kit.replay.fuzz import Fuzzer
    from bot.kit.replay.shrink import shrink
    from bot.kit.replay.stage import scenery
    from bot.kit.replay.written import text

    root = here()
    with _playing():
        stage = scenery(root)
        known("flow", flow, stage.content.flows)
        fuzzer = Fuzzer(stage, seed, length, flow)
    folder = into or root / "var" / "fuzz"
    began, kinds = time.perf_counter(), dict[str, int]()
    for found in fuzzer.run(turns):
        key = f"{found.trouble.kind} {found.trouble.what}"
        kinds[key] = kinds.get(key, 0) + 1
        if kinds[key] > 1:
            continue
        small = shrink(fuzzer.scenery, fuzzer.oracle, found)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{small.trouble.kind}-{seed}-{len(kinds)}.yaml"
        comments = [f"{small.trouble.kind}: {small.trouble.what}", "Play it: shebao replay --update FILE"]
        path.write_text(text({**small.case.header(), "turns": list(small.case.turns)}, comments), "utf-8")
        click.echo(f"{small.trouble.kind}: {small.trouble.what}")
        click.echo(f"  {len(found.case.turns)} turns, shrunk to {len(small.case.turns)}: {path}")
    took = time.perf_counter() - began
    click.echo(f"{fuzzer.played} turns with seed {seed}: {len(kinds)} kinds of failures, {took:.1f} s")
    click.echo(
        "called: " + (", ".join(f"{name} {n}" for name, n in sorted(fuzzer.calls.items())) or "nothing")
    )
    flows, actions = fuzzer.missed()
    if flows or actions:
        click.echo(f"Not reached: {', '.join((*flows, *actions))}. More --turns, another --seed, or --flow.")
    if kinds:
        sys.exit(EXIT_DIFFERS)
