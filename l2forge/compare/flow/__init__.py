"""Flows: what people want to do and what prices are reported, before any venue is named."""

from l2forge.compare.flow.catalogue import flow_names, load_flow
from l2forge.compare.flow.form import Actor, Flow

__all__ = ["Actor", "Flow", "flow_names", "load_flow"]
