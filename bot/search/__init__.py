"""Understanding what people type: spelling, phrases, ranking, aspect, decision."""
