--- What ms.distributed.init was told for all runs of this process: micro_batch.
return {}
