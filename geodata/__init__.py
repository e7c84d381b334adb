"""Governance grids, the people on duty and the service stations: geography and PostGIS, no web."""
