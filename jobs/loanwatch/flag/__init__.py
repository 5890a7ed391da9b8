"""flag: what is going wrong, since when.

In come indicators, rules and the parent release's warnings; out go one outcome per rule and subject in
bit masks, evidence for what was raised, and warnings with their life. Unknown raises nothing and clears
nothing; a rule that does not parse stops the night before it begins.
"""
