"""GPTQ and AWQ checkpoints for shipped_formats.py, packed and dequantized by gptqmodel's own linear layers."""

import torch


def write(base, linears, save, wanted, seed):
    from gptqmodel import QuantizeConfig
    from gptqmodel.nn_modules.qlinear.torch import TorchLinear
    from gptqmodel.nn_modules.qlinear.torch_awq import AwqTorchLinear
    from gptqmodel.quantization.awq.utils.packing_utils import dequantize_gemm
    from gptqmodel.utils.model import convert_gptq_v2_to_v1_format_module

    def fitted(weight, bits, group, symmetric, order=None):
        """Scales, zero points [out, groups] and the group of each input, by the range of each group."""
        rows, columns = weight.shape
        group = columns if group == -1 else group
        index = torch.arange(columns, dtype=torch.int32) // group
        if order is not None:
            index = torch.empty_like(index)
            index[order] = torch.arange(columns, dtype=torch.int32) // group
        scales, zeros = [], []
        for g in range(columns // group):
            part = weight[:, index == g].float()
            low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
            if symmetric:
                high = torch.maximum(-low, high)
                low = -high
            scale = ((high - low) / (2**bits - 1)).half().float()
            scales.append(scale)
            zeros.append(torch.full_like(scale, 2 ** (bits - 1)) if symmetric else torch.round(-low / scale))
        return torch.stack(scales, 1), torch.stack(zeros, 1).to(torch.int32), index

    forms = {  # bits, group, symmetric, by activation order, version 1
        "gptq-v1": (4, 32, False, False, True),
        "gptq-v2-order": (4, 32, False, True, False),
        "gptq-w3": (3, -1, True, False, True),
        "gptq-w8": (8, 32, True, False, True),
        "gptq-w2": (2, 16, False, False, True),
    }
    for name, (bits, group, symmetric, ordered, isv1) in forms.items():
        if not wanted(name):
            continue
        model, tensors, weights = base(), {}, {}
        for module, layer in linears(model).items():
            if name == "gptq-w8" and module.endswith("up_proj"):
                continue
            weight = layer.weight.data
            # Groups without negative weights have zero points of zero: one less borrows in words of version 1.
            weight[::5, :32] = weight[::5, :32].abs()
            columns = weight.shape[1]
            order = torch.randperm(columns, generator=torch.Generator().manual_seed(seed)) if ordered else None
            scales, zeros, index = fitted(weight, bits, group, symmetric, order)
            packed = TorchLinear(
                bits=bits, group_size=group, sym=symmetric, desc_act=ordered, in_features=columns,
                out_features=weight.shape[0], bias=False, register_buffers=True)
            source = torch.nn.Linear(columns, weight.shape[0], bias=False)
            source.weight.data = weight.float()
            packed.pack_original(source, scales, zeros, index)
            packed.post_init()
            weights[module] = packed.dequantize_weight().T.to(torch.bfloat16)
            if isv1:
                config = QuantizeConfig(bits=bits, group_size=group)
                convert_gptq_v2_to_v1_format_module(packed, config)
            tensors |= {
                f"{module}.{k}": getattr(packed, k).clone() for k in ("qweight", "qzeros", "scales", "g_idx")}
        note = {
            "quant_method": "gptq", "bits": bits, "group_size": group, "sym": symmetric, "desc_act": ordered,
            "checkpoint_format": "gptq" if isv1 else "gptq_v2",
        }
        save(name, model, tensors, note, weights)
    if wanted("awq"):
        model, tensors, weights = base(), {}, {}
        for module, layer in linears(model).items():
            weight = layer.weight.data
            scales, zeros, _ = fitted(weight, 4, 32, False)
            packed = AwqTorchLinear(
                bits=4, group_size=32, sym=False, desc_act=False, in_features=weight.shape[1],
                out_features=weight.shape[0], bias=False)
            source = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
            source.weight.data = weight.float()
            packed.pack(source, scales.half(), zeros.half())
            own = {k: getattr(packed, k).clone() for k in ("qweight", "qzeros", "scales")}
            weights[module] = dequantize_gemm(own["qweight"], own["qzeros"], own["scales"], 4, 32).T.to(torch.bfloat16)
            tensors |= {f"{module}.{k}": v for k, v in own.items()}
        note = {"quant_method": "awq", "bits": 4, "group_size": 32, "zero_point": True, "version": "gemm"}
        save("awq", model, tensors, note, weights)
