"""Images streamed from their files with `tf.data`: memory holds a few batches, however many there are."""

from gannotes.batches import batch_indices
import numpy as np

READERS = 4  # batches read at once


def of_folder(folder, batch_size, seed=0, labelled=False):
    """What `GAN.fit` takes in place of a folder's images: the same batches, read when they are needed.

    Args:
        folder: a `folders.Folder`.
        batch_size: images in a batch; of several discriminator steps, all of their batches.
        seed: that of the GAN; then it sees the images in the same order as from memory.
        labelled: whether labels go with the images.

    Returns:
        Function of the number of batches that were seen before, which gives a `tf.data.Dataset` of
        those that follow, without end.

    Raises:
        ValueError: there are fewer images than in a batch.
    """
    import tensorflow as tf

    count = len(folder.paths)
    if batch_size > count:
        raise ValueError(
            f"batch_size must be at most the number of images, {count}. Received: {batch_size}"
        )

    def read(step):
        (chosen,) = batch_indices(count, batch_size, int(step), 1, seed)
        return folder.read([folder.paths[k] for k in chosen]), folder.labels[chosen]

    def as_tensors(step):
        images, labels = tf.numpy_function(read, [step], [tf.float32, tf.int64], stateful=False)
        images = tf.ensure_shape(images, (batch_size, *folder.shape))
        return (images, tf.ensure_shape(labels, (batch_size,))) if labelled else images

    def batches(first=0):
        steps = tf.data.Dataset.range(first, np.iinfo("int64").max)
        return steps.map(as_tensors, num_parallel_calls=READERS)

    return batches
