"""What the command line lists: data sets and methods."""


def test_data_and_methods_are_listed(answer):
    assert {"garments", "digits", "shapes", "fashion_mnist", "mnist", "cifar10"} <= set(answer("data")["datasets"])
    assert {"autoencoder", "simclr", "supervised"} <= set(answer("methods")["methods"])
