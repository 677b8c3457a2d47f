"""What the machine has: processors, GPUs, memory, its settings, a torchvision that can be imported."""
