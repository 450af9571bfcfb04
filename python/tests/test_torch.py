"""Tensors of PyTorch, where it is installed."""

import clearbox
import numpy as np
import pytest

torch = pytest.importorskip("torch")


def test_tensors_of_any_floating_type(tmp_path):
    random = torch.Generator().manual_seed(1)
    ids = torch.randint(3, 11, (2, 16), generator=random)
    ids[0, 0] = 2
    base = torch.randn(2, 16, 11, generator=random, requires_grad=True)
    x = torch.randn(2, 16, 8, generator=random).bfloat16()
    with clearbox.RunWriter(
        tmp_path / "mine.h5", model="acme/small", layer=3, conditions={"bf16": 16, "nf4": 4}
    ) as run:
        run.batch(ids)
        for name, size in {"bf16": 0.0, "nf4": 0.5}.items():
            logits = (base * (1 + size)).bfloat16()
            code = torch.relu(x)
            run.add(name, logits=logits, x=x * (1 + size), reconstruction=code, l0=(code != 0).sum(-1))
    stored = clearbox.open(run.path)
    losses = {}
    for name, size in {"bf16": 0.0, "nf4": 0.5}.items():
        own = (base * (1 + size)).bfloat16().float()[:, :-1].log_softmax(-1)
        losses[name] = own
        expected = torch.nn.functional.nll_loss(own.transpose(1, 2), ids[:, 1:], reduction="none").detach().numpy()
        found = stored.array(f"measurements/{name}/accuracy/nll").reshape(2, 16)[:, :-1]
        assert np.allclose(found, expected, rtol=1e-6)
    divergence = (losses["bf16"].exp() * (losses["bf16"] - losses["nf4"])).sum(-1).detach().numpy()
    found = stored.array("measurements/nf4/accuracy/kl").reshape(2, 16)[:, :-1]
    assert np.allclose(found, divergence, rtol=1e-4, atol=1e-6)
    norms = (x.double() ** 2).sum(-1).numpy().ravel()
    assert (stored.array("measurements/bf16/sae/squared_norm") == norms).all()
