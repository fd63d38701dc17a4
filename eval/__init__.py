"""How good the answers are: questions with known answers asked, judged and reported. Nothing imports this package."""
