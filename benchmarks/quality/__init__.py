"""Quality of detection: precision, recall and F2 per entity, on labelled texts that this folder makes."""
