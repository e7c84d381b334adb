"""Stage 6 for duties and norms: norms that are not met, in words."""

from collections.abc import Mapping, Sequence

from geodata.intake.wording import named
from geodata.people.roster import Named
from geodata.people.staffing import NormFault
from geodata.records import Finding

_SHOWN = 5


def norm_finding(
    fault: NormFault, names: Mapping[tuple[str, int], Named], source: tuple[int | None, str | None], *, worse: bool
) -> Finding:
    """The finding for a norm that is not met.

    Parameters
    ----------
    names
        Of roles and holders.
    source
        Row that it comes from and what its record is called.
    worse
        Whether the load makes it so: too many sites in one person's hands is then an error.
    """
    norm = fault.norm
    role = named(names, "role", norm.role_id)
    facts = {"norm": norm.code, "role": role.code, "count": fault.count, "per": norm.per}
    row, label = source
    if fault.holder_id is not None:
        who = named(names, "holder", fault.holder_id)
        facts |= {"most_per_person": norm.most_per_person, "holder": who.code, "field": "target"}
        return Finding(
            "error" if worse else "warning",
            fault.kind,
            f"{who.words} would be {role.words} of {fault.count} at once; norm {norm.code} allows one person "
            f"{norm.most_per_person}. End one of the duties, or make one a stand-in's.",
            f"{who.words} 将同时在 {fault.count} 处担任“{role.words}”，配备标准 {norm.code} 规定每人最多 "
            f"{norm.most_per_person} 处。请结束其中的职责，或改为替补。",
            row=row,
            code=label,
            facts=facts,
        )
    assert fault.site is not None
    site = fault.site
    where = site.code if site.name in ("", site.code) else f"{site.name}（{site.code}）"
    below = fault.kind == "below-norm"
    limit = norm.least if below else norm.most
    facts |= {"least" if below else "most": limit, "target_kind": site.kind, "target": site.code, "layer": site.layer}
    return Finding(
        "warning",
        fault.kind,
        f"{where} has {fault.count} as {role.words}; norm {norm.code} says {'at least' if below else 'at most'} "
        f"{limit}.",
        f"{where} 的“{role.words}”有 {fault.count} 人，配备标准 {norm.code} 规定{'至少' if below else '最多'} "
        f"{limit} 人。",
        row=row,
        code=label or site.code,
        facts=facts,
    )


def unmet_norm(
    group: Sequence[NormFault], names: Mapping[tuple[str, int], Named], row: int | None, sites: int
) -> Finding:
    """The warning that a norm is not met, as it stands, in one way at one or many places.

    Parameters
    ----------
    group
        All faults of one norm and kind.
    row
        Row of the norm.
    sites
        Number of sites that the norm is about.
    """
    norm, kind = group[0].norm, group[0].kind
    role = named(names, "role", norm.role_id)
    codes = [
        fault.site.code if fault.site is not None else named(names, "holder", fault.holder_id or 0).code
        for fault in group
    ]
    listed = ", ".join(codes[:_SHOWN]) + (" …" if len(codes) > _SHOWN else "")
    if kind == "above-norm-per-person":
        said = f"{len(group)} people are {role.words} of more than {norm.most_per_person}"
        said_zh = f"{len(group)} 人担任“{role.words}”超过 {norm.most_per_person} 处"
    elif kind == "below-norm":
        said = f"{len(group)} of {sites} have fewer than {norm.least} as {role.words}"
        said_zh = f"{sites} 处中有 {len(group)} 处的“{role.words}”少于 {norm.least} 人"
    else:
        said = f"{len(group)} of {sites} have more than {norm.most} as {role.words}"
        said_zh = f"{sites} 处中有 {len(group)} 处的“{role.words}”多于 {norm.most} 人"
    return Finding(
        "warning",
        kind,
        f"Norm {norm.code} is not met: {said}: {listed}",
        f"配备标准 {norm.code} 尚未满足：{said_zh}：{listed}",
        row=row,
        code=norm.code,
        facts={"norm": norm.code, "role": role.code, "count": len(group), "sites": sites, "codes": codes[:100]},
    )
