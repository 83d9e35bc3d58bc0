"""Networks: embeddings, an MLP for points, and larger nets for images."""
