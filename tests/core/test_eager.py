"""Optimizers without the compiler: the same steps to the last bit, and nobody imports it."""

import copy
import sys
from types import ModuleType

import pytest
import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.core import TrainConfig, eager
from explorer.train import optimizer
from tests.source_cases import python

NAMES = TrainConfig.model_json_schema()["properties"]["optimizer"]["enum"]


@pytest.mark.parametrize("name", NAMES)
def test_a_step_is_that_of_torch_to_the_last_bit(name):
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    networks = [network, copy.deepcopy(network)]
    ours, theirs = (optimizer(list(each.parameters()), TrainConfig(optimizer=name)) for each in networks)
    for _ in range(5):
        x = torch.randn(11, 7, generator=generator)
        for each in networks:
            each.zero_grad()
            each(x).square().mean().backward()
        eager.step(ours)
        theirs.step()
    assert not torch.equal(networks[0][0].weight, torch.zeros(5, 7))
    for a, b in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        assert torch.equal(a, b)
        assert a.requires_grad and a.grad_fn is None
    assert str(ours.state_dict()) == str(theirs.state_dict())


def test_what_the_compiler_would_have_been_asked_for_is_the_method_itself():
    marked = [
        m.__wrapped__ for m in vars(Optimizer).values() if hasattr(getattr(m, "__wrapped__", None), eager.REMEMBERED)
    ]
    assert {"state_dict", "load_state_dict", "zero_grad", "add_param_group"} <= {method.__name__ for method in marked}
    assert all(getattr(method, eager.REMEMBERED) is method for method in marked)


@pytest.fixture
def one():
    """An optimizer of one number whose gradient is 1."""
    x = nn.Parameter(torch.zeros(1))
    x.grad = torch.ones(1)
    return torch.optim.SGD([x], lr=0.5)


@pytest.mark.parametrize("whose", ["its own", "of all"])
def test_who_listens_to_the_steps_of_an_optimizer_is_called(whose, one):
    register = {"its own": one.register_step_post_hook, "of all": register_optimizer_step_post_hook}[whose]
    calls = []
    handle = register(lambda *_: calls.append(1))
    eager.step(one)
    handle.remove()
    eager.step(one)
    assert calls == [1] and one.param_groups[0]["params"][0].item() == -1


@pytest.mark.parametrize("names", ["HOOKS", "GLOBAL_HOOKS"])
def test_a_torch_that_has_other_names_steps_as_it_does_by_itself(names, one, monkeypatch):
    calls = []
    monkeypatch.delitem(sys.modules, eager.COMPILER, raising=False)  # of another test
    monkeypatch.setattr(one, "step", lambda: calls.append(1))
    eager.step(one)
    assert not calls
    monkeypatch.setattr(eager, names, ("of_another_version",))
    eager.step(one)
    assert calls == [1]


@pytest.mark.parametrize("there", [True, False])
def test_methods_are_left_alone_where_the_compiler_is_there(there, monkeypatch):
    if there:
        monkeypatch.setitem(sys.modules, eager.COMPILER, ModuleType("a_compiler"))
    else:
        monkeypatch.delitem(sys.modules, eager.COMPILER, raising=False)

    class Mine:
        @torch._disable_dynamo
        def mine(self):
            return 7

    assert hasattr(eager.without_compiler(Mine).mine.__wrapped__, eager.REMEMBERED) is not there


def test_a_dispatch_mode_sees_every_operation_all_the_same():
    @eager.without_compiler
    class Names(TorchDispatchMode):
        seen = []

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            self.seen.append(func.name())
            return func(*args, **(kwargs or {}))

    with Names():
        torch.ones(2) + 1
    assert "aten::add.Tensor" in Names.seen


@pytest.mark.parametrize("name", NAMES)
def test_a_run_from_its_first_step_to_its_scores_imports_no_compiler(name, tmp_path):
    code = f'''
import sys
from explorer import runs
from explorer.engine import worker
from explorer.tasks.training import request
options = {{"epochs": 1, "subset": 100, "batch": 50, "encoder": "mlp", "optimizer": "{name}"}}
run = runs.create(request.train("simclr", "digits", {{}}, options))
print(worker.here(run), run.status.error, [name for name in ("torch._dynamo", "sympy") if name in sys.modules])
'''
    env = {"EXPLORER_RUNS": str(tmp_path / "runs"), "EXPLORER_CACHE": str(tmp_path / "cache")}
    assert python(code, env=env).split("\n")[-2] == "done None []"
