"""What the commands of sprat.py are made of."""
