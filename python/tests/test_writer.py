"""Runs that were measured elsewhere."""

import clearbox
import numpy as np
import pytest

CHUNKS, LENGTH, WIDTH, VOCABULARY = 4, 16, 8, 11
CONDITIONS = {"bf16": 16, "nf4": {"bits": 4.5, "kind": "nf4", "label": "NF4", "parameters": {"block": 64}}}


class Models:
    """Logits, a residual stream, and a reconstruction that is not quite it; the compressed ones are a little off."""

    def __init__(self, seed=3):
        self.random = np.random.default_rng(seed)

    def ids(self):
        ids = self.random.integers(3, VOCABULARY, (CHUNKS, LENGTH))
        ids[self.random.random(ids.shape) < 0.1] = 2
        ids[0, 0] = 2
        return ids

    def __call__(self, ids):
        x = self.random.normal(size=(*ids.shape, WIDTH)) + 1
        x[1, 9] *= 40
        logits = self.random.normal(size=(*ids.shape, VOCABULARY))
        for size in (0, 0.1):
            own = x + size * self.random.normal(size=x.shape)
            yield (
                logits + size * self.random.normal(size=logits.shape),
                own,
                own + 0.3 * self.random.normal(size=x.shape),
            )


def writer(path, **options):
    return clearbox.RunWriter(path, model="acme/small", layer=3, conditions=CONDITIONS, snapshots=[64, 128], **options)


def measured(path, batches=5, **options):
    models = Models()
    with writer(path, **options) as run:
        for _ in range(batches):
            ids = models.ids()
            run.batch(ids)
            for name, (logits, x, reconstruction) in zip(CONDITIONS, models(ids)):
                run.add(name, logits=logits, x=x, reconstruction=reconstruction, l0=np.full(ids.shape, 5))
    return run.path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    texts = {"texts": lambda one: f"word{one}", "description": {"sae": {"name": "toy"}, "corpus": {"name": "noise"}}}
    return measured(tmp_path_factory.mktemp("run") / "mine.h5", **texts)


def test_a_run_like_any_other(path, tmp_path):
    run = clearbox.open(path)
    assert run.conditions == ["bf16", "nf4"] and run.file["tokens/id"].shape == (320,)
    assert run.file["vocabulary/text"][0] == b"word2"
    assert sorted(path.parent.iterdir()) == [path]
    clearbox.program("inspect", path, "--verify")
    assert run.verify()
    clearbox.program("render", path, "--out", tmp_path / "report", "--format", "html,gfm")
    clearbox.program("verify", tmp_path / "report")
    text = (tmp_path / "report/report.md").read_text()
    assert "toy" in text and "NF4" in text and "stabilization" in text
    assert "svg" in run.figure("fvu").svg
    assert "derived" in run.explain("fvu@1/nf4/ordinary")
    assert clearbox.diff(path, path).is_identical


def test_the_programs_numbers_follow_from_what_was_given(path):
    models = Models()
    losses, kls, same = [], [], []
    for _ in range(5):
        ids = models.ids()
        (base, _, _), (own, _, _) = models(ids)
        p, q = (np.exp(logits) / np.exp(logits).sum(-1, keepdims=True) for logits in (base, own))
        losses.append(-np.log(np.take_along_axis(q[:, :-1], ids[:, 1:, None], 2)).ravel())
        kls.append((p * np.log(p / q)).sum(-1)[:, :-1].ravel())
        same.append((base.argmax(-1) == own.argmax(-1))[:, :-1].ravel())
    numbers = {number["id"]: number["value"] for number in clearbox.open(path).numbers()}
    for name, values in {"cross_entropy@1": losses, "kl@1": kls, "top1_agreement@1": same}.items():
        assert numbers[f"{name}/nf4/all"] == pytest.approx(np.concatenate(values).mean(), rel=1e-6)


def test_one_condition_after_the_other_gives_the_same_rows(path, tmp_path):
    models = Models()
    data = []
    for _ in range(5):
        ids = models.ids()
        data.append((ids, list(models(ids))))
    with writer(tmp_path / "mine.h5") as run:
        for ids, _ in data:
            run.batch(ids)
        for index, name in enumerate(CONDITIONS):
            for ids, measured_there in data:
                logits, x, reconstruction = measured_there[index]
                columns = {"kl": np.zeros((CHUNKS, LENGTH - 1)), "top1_agreement": np.ones((CHUNKS, LENGTH - 1), int)}
                own = columns if index else {}
                run.add(name, logits=logits, x=x, reconstruction=reconstruction, l0=np.full(ids.shape, 5), **own)
    one, other = clearbox.open(path), clearbox.open(run.path)
    for name in ("accuracy/nll", "sae/vector_sum", "sae/pair_shift", "noise_floor/squared_perturbation"):
        found = [run.array(f"measurements/nf4/{name}") for run in (one, other)]
        assert np.array_equal(*found, equal_nan=True), name


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"nll": np.full((CHUNKS, LENGTH - 1), -1.0)},
            r"bf16/accuracy/nll, row 0 of the batch: -1.0; a finite number, zero",
        ),
        ({"nll": np.full((CHUNKS, LENGTH), 1.0)}, "NaN at the chunk's last token"),
        ({"nll": np.ones((CHUNKS, LENGTH + 1))}, r"has the shape \[4, 17\]; \[64\] is expected"),
        ({"l0": np.full((CHUNKS, LENGTH), 1.5)}, "whole numbers, int32, are expected"),
        ({"l0": np.full((CHUNKS, LENGTH), -1)}, "l0, row 0 of the batch: -1; a finite number, zero or more"),
        ({"l0": np.full((CHUNKS, LENGTH), 2**40)}, "what int32 holds"),
        ({"loss": np.ones((CHUNKS, LENGTH))}, "no column 'loss': declare"),
        ({"kl": np.ones((CHUNKS, LENGTH - 1))}, "it compares with the baseline"),
        ({"x": np.full((CHUNKS, LENGTH, WIDTH), np.inf)}, "x, token 0 of the batch: not finite"),
        ({"x": np.ones((CHUNKS, LENGTH, WIDTH)), "reconstruction": np.ones((CHUNKS, LENGTH, 3))}, "reconstruction has"),
        ({"massive": np.full((CHUNKS, LENGTH), 2)}, "0 or 1 is expected"),
    ],
)
def test_what_is_wrong_is_said_at_once(columns, words, tmp_path):
    with pytest.raises(ValueError, match=words), writer(tmp_path / "mine.h5") as run:
        run.batch(Models().ids())
        run.add("bf16", **columns)
    assert list(tmp_path.iterdir()) == []


def test_order_and_completeness(tmp_path):
    loss = np.ones((CHUNKS, LENGTH - 1))
    with pytest.raises(ValueError, match="before that of bf16"), writer(tmp_path / "a.h5") as run:
        run.batch(Models().ids())
        run.add("nf4", nll=loss)
    with pytest.raises(ValueError, match="nf4 lack some"), writer(tmp_path / "a.h5") as run:
        run.batch(Models().ids())
        run.add("bf16", nll=loss)
    with pytest.raises(ValueError, match="not in all batches and conditions"), writer(tmp_path / "a.h5") as run:
        run.batch(Models().ids())
        run.batch(Models().ids())
        run.add("bf16", nll=loss)
        run.add("bf16", l0=np.ones((CHUNKS, LENGTH), int))
    with pytest.raises(ValueError, match="the last may be shorter"), writer(tmp_path / "a.h5") as run:
        run.batch(Models().ids()[:2])
        run.batch(Models().ids())
    with pytest.raises(ValueError, match="no condition"), writer(tmp_path / "a.h5") as run:
        run.add("q4", nll=loss)
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_not_replaced(path):
    with pytest.raises(FileExistsError):
        writer(path)


def test_losses_alone_and_a_column_of_ones_own(tmp_path):
    with writer(tmp_path / "mine.h5") as run:
        run.declare("steering", "score", unit="1", meaning="How well it was steered", definition="score@1")
        for _ in range(3):
            run.batch(Models().ids())
            for name in CONDITIONS:
                run.add(name, nll=np.ones((CHUNKS, LENGTH - 1)), score=np.zeros((CHUNKS, LENGTH)))
    stored = clearbox.open(run.path)
    assert stored.file["measurements/nf4/steering/score"].attrs["definition"] == "score@1"
    assert {number["value"] for number in stored.numbers() if number["id"] == "cross_entropy@1/nf4/all"} == {1}


def test_what_the_program_refuses_is_passed_on(tmp_path):
    run = clearbox.RunWriter(tmp_path / "a.h5", model="acme/small", layer=3, conditions={"bf16": 0})
    run.batch(Models().ids())
    run.add("bf16", nll=np.ones((CHUNKS, LENGTH - 1)))
    with pytest.raises(ValueError, match="not accepted.*effectiveBitsPerParameter"):
        run.close()
    assert list(tmp_path.iterdir()) == []
