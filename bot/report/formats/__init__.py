# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents for programs: JSON by the contract of DESIGN 5 (docs/contracts.md), SARIF 2.1.0; a JSON Schema beside each.

The contract is additive: a field may be added, none is renamed, removed or given another meaning under the same number.
"""
