"""The sample report's run, through the package."""

import json
import os
import subprocess
import sys

import clearbox
import numpy as np
import pytest


def test_what_it_is(sample):
    assert sample.conditions == ["bf16", "int8", "nf4-dq"] and sample.baseline == "bf16"
    assert sample.reruns == ["bf16-rerun", "int8-rerun", "nf4-dq-rerun"]
    assert "200,704 tokens" in repr(sample)
    assert clearbox.version() == sample.file.attrs["created_by"].split()[1]


def test_another_hdf5_file_is_refused(tmp_path):
    import h5py

    h5py.File(tmp_path / "other.h5", "w").close()
    with pytest.raises(ValueError, match="no run file"):
        clearbox.open(tmp_path / "other.h5")


def test_rows_have_texts_units_and_definitions(sample):
    pytest.importorskip("pandas")
    rows = sample.tokens("int8", columns=["nll", "sae/l0"])
    assert list(rows.columns[-2:]) == ["int8/nll", "int8/l0"] and len(rows) == 200704
    assert rows["text"][0] == "<bos>" and rows["source"].dtype == "category"
    assert rows.attrs["columns"]["int8/nll"]["unit"] == "nats"
    assert rows.attrs["columns"]["int8/nll"]["definition"] == "nll@1"
    with pytest.raises(KeyError, match="no condition 'q4'"):
        sample.tokens("q4")
    with pytest.raises(KeyError, match="loss"):
        sample.tokens("int8", columns=["loss"])
    assert len(sample.table("segment")) == 850
    assert sample.columns().loc["measurements/int8/sae/dot", "unit"] == "activation²"


def test_rows_give_the_programs_numbers(sample):
    """Not a second formula: a mean that anyone would take, against what the program says."""
    numbers = {number["id"]: number for number in sample.numbers()}
    loss = sample.array("measurements/int8/accuracy/nll").astype(float)
    assert numbers["cross_entropy@1/int8/all"]["value"] == pytest.approx(np.nanmean(loss), rel=1e-12)
    assert numbers["cross_entropy@1/int8/all"]["unit"] == "nats per token"
    assert numbers["cross_entropy@1/int8/all/percent"]["text"] == "+0.18% [+0.08%, +0.28%]"
    assert numbers["run/tokens"]["value"] == 200704


def test_metrics_are_a_frame(sample):
    pytest.importorskip("pandas")
    metrics = sample.metrics()
    row = metrics.loc[("fvu@1", "nf4-dq", "all", "value")]
    assert row["low"] < row["value"] < row["high"] and row["level"] == 0.95
    assert metrics.index.get_level_values("tokens").unique().tolist() == ["all"]
    assert len(sample.metrics(tokens=None)) > 2 * len(metrics)


def test_vectors_are_read_when_they_are_needed(sample):
    pytest.importorskip("xarray")
    dataset = sample.dataset("nf4-dq")
    assert dict(dataset.sizes) == {
        "token": 200704, "segment": 850, "cell": 4, "dimension": 640, "feature": 8192, "margin": 5}
    assert dataset.vector_sum.attrs["unit"] == "activation"
    assert not dataset.vector_sum._in_memory
    part = dataset.vector_sum[3, 0].to_numpy()
    assert (part == sample.file["measurements/nf4-dq/sae/vector_sum"][3, 0]).all()
    assert float(dataset.sel(cell=0).vector_sum[:, 5].sum()) == pytest.approx(
        sample.file["measurements/nf4-dq/sae/vector_sum"][:, 0, 5].sum()
    )


def test_figures_show_themselves(sample, tmp_path):
    figure = sample.figure("fvu")
    assert figure._repr_svg_().lstrip().startswith(("<svg", "<?xml"))
    assert "FVU" in figure.words()
    assert figure.save(tmp_path / "fvu.png").read_bytes()[1:4] == b"PNG"
    with pytest.raises(clearbox.ClearboxError, match="fuv"):
        sample.figure("fuv")


def test_a_report_is_one_page(sample):
    page = sample.report()
    assert page._repr_html_().startswith("<iframe srcdoc=") and "Cross-entropy" in page.html


def test_differences(sample):
    same = clearbox.diff(sample.path, sample.path, gates=["cross_entropy * identical"])
    assert same.is_identical and same.passed and "No difference" in same._repr_markdown_()
    with pytest.raises(clearbox.ClearboxError):
        clearbox.diff(sample.path, "nowhere.h5")


def test_the_command_starts_without_numpy():
    code = "import json, sys, clearbox._program; print(json.dumps([m for m in ('numpy', 'h5py') if m in sys.modules]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert json.loads(done.stdout) == []


def test_shipped_studies():
    assert "gemma-3-270m" in clearbox.studies()


def test_studies_go_by_their_names():
    assert "nothing to fetch" in clearbox.program("fetch", "gemma-3-270m").stdout
    with pytest.raises(clearbox.ClearboxError, match="gemma-3-270n: no such file"):
        clearbox.program("fetch", "gemma-3-270n")
