"""Which numbers mean something where others do not: what the walk of all arguments leaves out, each
line with its reason, and what it tries beyond NaN, infinities and fractions."""

import math

import torch

MODULES_LEFT_OUT = {
    "evidence cli.arguments cli.argument_types cli.commands cli.listing cli.preflight cli.terminal "
    "__main__ checks":
        "the command line and the book's own checks: their numbers have types and tests there",
    "training.processes training.checkpoint training.step files machine.progress "
    "machine.watching data.mnist_files page.digit_export arguments":
        "their numbers come from the program, or go on to a function that is walked",
    "transport.optimal.checks":
        "what its callers ask of their arguments, which are walked there",
    "guidance.covariance guidance.graph":
        "their numbers come from guidance, which was walked where it is made",
    "recipes zoo.canvas_recipe":
        "their fields are walked by tests/test_recipe_numbers.py",
    "experiments.common.steering experiments.common.latents experiments.narrow_layer "
    "experiments.paired_flows":
        "their numbers are constants of experiments",
    "plots.boxes":
        "its numbers come from drawings, which are walked",
    "experiments.common.digit_vae":
        "a recipe that ships no weights; its numbers go on to the training that is walked",
}  # fmt: skip
# Modules whose classes are walked, and whose functions are given constants of the same module.
CONSTANT = "experiments"
LEFT_OUT = [name for names in MODULES_LEFT_OUT for name in names.split()]

# "function.argument" → why a tensor with NaN passes: nothing is computed that hides it
PASSES_ON = {
    "transport.optimal.log_domain.half_step.[cpm]*": "a price is NaN where a number behind it is",
    "transport.optimal.log_domain.primal.[cpab]*": "the sum is NaN where a number in it is",
    "transport.optimal.log_domain.feasible.*": "a row is NaN where a number in it is",
    "*.x_t": "the state of a sampler, on each step of its way",
    "*.x0": "data on their way through a loss, and the loss is NaN",
    "*.eps": "data on their way through a loss, and the loss is NaN",
    "*.forward.*": "a network's answer is NaN where its input is",
    "*.features.[xt]": "a network's answer is NaN where its input is",
    "nets.*UNet.embed.t": "a network's answer is NaN where its input is",
    "nets.dit.DiT.tokens.x": "a network's answer is NaN where its input is",
    "nets.dit.DiT.embed.t": "a network's answer is NaN where its input is",
    "nets.attention_maps.attention_maps.[xt]": "a network's answer is NaN where its input is",
    "nets.patches.patchify.x": "its pixels, in another order",
    "nets.patches.unpatchify.tokens": "its pixels, in another order",
    "nets.transformer.SelfAttention.*.tokens": "a network's answer is NaN where its input is",
    "nets.transformer.modulated.*": "a network's answer is NaN where its input is",
    "nets.vae.ConvVAE.posterior.x": "a network's answer is NaN where its input is",
    "nets.vae.ConvVAE.*.z": "a network's answer is NaN where its input is",
    "nets.vector_vae.VectorVAE.*.[xz]": "a network's answer is NaN where its input is",
    "nets.latent_scale.LatentScale.restore.z": "the state of a sampler, in another unit",
    "nets.posterior.DiagonalGaussian.mean": "a network's answer",
    "nets.posterior.DiagonalGaussian.log_variance": "a network's answer",
    "nets.posterior.DiagonalGaussian.log_prob.z": "the density is NaN where the point is",
    "losses.vae_loss.x": "data on their way through a loss, and the loss is NaN",
    "losses.vae_loss.decoded": "a network's answer, and the loss is NaN",
    "losses.vae_loss.kl": "a network's answer, and the loss is NaN",
    "nets.blocks.attend.?": "a network's answer is NaN where its input is",
    "nets.classifier.cross_entropy.logits": "the loss is NaN, and training says so",
    "nets.number_classifiers.number_cross_entropy.logits":
        "the loss is NaN, and training says so",
    "guidance.classifier.*.x_t": "the state of a sampler",
    "guidance.steering.*.x_t": "the state of a sampler",
    "guidance.steering.Look.*": "derivatives of a model's answer",
    "guidance.observation.Observation.*.[xr]*": "a model's answer, or what an operator made of it",
    "guidance.operators.*.[xy]": "what an operator sees is NaN where the sample is",
    "guidance.rewards.*.x": "the reward is NaN where the sample is, and steering refuses it",
    "paths.*.at.x": "it gives the shape and dtype alone",
    "randomness.randn_like.x": "it gives the shape and dtype alone",
    "shapes.expand.*": "it gives a shape and changes no number",
    "shapes.check_*": "they look at shapes",
    "shapes.full_precision.x": "it gives a dtype and changes no number",
    "exact.gaussians.GaussianMixture.log_prob.x": "the density is NaN where the point is",
    "exact.gaussians.GaussianMixture.score.x": "the score is NaN where the point is",
    "exact.gaussians.GaussianMixture.labels": "integers, which are never NaN",
    "samplers.loop.*.noise": "the state of a sampler",
    "samplers.image_to_image.partway.noise": "the state of a sampler",
    "samplers.distillation.distil.x": "the state of a sampler",
    "samplers.recurrence.noised_back.x": "the state of a sampler",
    "samplers.particles.Particles.*": "it holds what was computed",
    "samplers.particles.*.noise": "the twist is NaN where the noise is, and it is refused",
    "samplers.particles.best_of.samples": "the reward is NaN where a sample is, and it is refused",
    "samplers.resampling.rows.*": "indices, and the size of a tensor that was walked",
    "samplers.source.*.noise": "the reward is NaN where the noise is, and it is refused",
    "samplers.twists.*.end.x": "the reward is NaN where a sample is, and particles refuse it",
    "transport.tracks.*.noise": "the state of a sampler",
    "transport.reflow.reflow_pairs.noise": "the state of a sampler",
    "likelihood.ode.*.x": "data on their way through a model, and the density is NaN",
    "likelihood.ode.*.probes": "data on their way through a model, and the density is NaN",
    "likelihood.ode.bits_per_dim.log_prob": "NaN stays NaN, in another unit",
    "pareto.dominance.lexicographic.costs": "they are checked where they come from",
    "prediction.*.y": "a model's answer, on each step of a sampler",
    "prediction.Prediction.t": "it is read when a row is asked for",
    "likelihood.bound.Elbo.*": "it holds what was computed",
    "likelihood.bound.step_kl.guess": "a model's answer",
    "training.loop.Record.*": "it holds what was computed",
    "training.loop.batches.tensors": "any data; a loss that is NaN stops the training",
    "zoo.by_recipe.trained.data": "any data; a loss that is NaN stops the training",
    "data.canvases.Canvases.images": "it holds what was composed of verified digits",
    "data.mnist.Digits.images": "it holds what was read from a verified file",
    "data.mnist.to_unit.x": "clamping leaves NaN as it is",
    "zoo.judge.as_seen.images": "clamping leaves NaN as it is",
    "zoo.judge.look.images": "features are NaN where an image is, and the metrics refuse them",
    "zoo.canvas_judge.CanvasJudge.score.images":
        "features are NaN where an image is, and the metrics refuse them",
    "zoo.judge.Judge.score.images":
        "features are NaN where an image is, and the metrics refuse them",
    "cli.sheet.sheet.images": "samples, which are refused where they are drawn",
    "plots.curves.Curve.*": "a curve may have gaps; matplotlib leaves them out",
    "plots.guidance.Law.*": "a curve may have gaps; matplotlib leaves them out",
    "plots.tables.loss_weights.log_snr": "a curve may have gaps",
    "plots.orders.*.errors": "a curve may have gaps",
    "plots.orders.side_by_side.[lrxyt]*": "a curve may have gaps",
    "plots.orders.grids.choices": "they are grids, which are checked where they are made",
    "plots.guidance.histograms.panels": "matplotlib leaves out points that are NaN",
    "plots.points.fields*.arrows": "matplotlib leaves out arrows that are NaN",
    "plots.density.heat_maps.maps": "a place without a value stays white",
    "plots.letters.leaves.states": "matplotlib leaves out leaves that are NaN",
    "plots.points.strip.clouds": "matplotlib leaves out points that are NaN",
    "plots.steering.on_humps.clouds": "matplotlib leaves out points that are NaN",
    "plots.reverse.compare_reverse.laws": "it holds the title of a panel",
    "plots.style.end_labels.labels": "a curve may end in a gap",
    "plots.tables.loss_weights.weights": "a curve may have gaps",
    "plots.tables.loss_weights.labels": "places for words, not numbers that are shown",
    "samplers.*.step.*": "one step of many; the path refuses a time outside [0, 1]",
    "samplers.ancestral.DDIM.noise_std.path": "no number",
    "data.toy.Toy.draw.generator": "no number",
    "page.report.figure.fig": "no number",
    "page.picture.*.fig": "no number",
    "page.picture.saved.options": "they go on to matplotlib",
    "training.identity.*.trainer": "no number",
    "denoisers.differentiate.*.function": "no number",
    "denoisers.differentiate.*": "a derivative is NaN where its function is",
    "denoisers.model.check_input.*": "it looks at shapes; the path refuses a time outside [0, 1]",
    "page.report.publish.record": "what a number is compared by, of a number that glue checked",
    "plots.points.*.[xb]*": "matplotlib leaves out points that are NaN",
    "plots.points.tracks.states": "matplotlib leaves out points that are NaN",
    "paths.chain.Chain.d_*": "a chain has no derivative, whatever the time is",
    "paths.chain.Chain.t_from*": "a chain has no inverse, whatever the number is",
}
# "function.argument" → the values that mean something there, though they seldom do elsewhere
MEANT = {
    "*.seed": (0,),
    "randomness.step_seed.step": (0,),
    "exact.tilted.added_scores_ode_std.level": (math.inf,),  # pure noise
    "*.t_from_half_log_snr.half_log_snr": (math.inf, -math.inf),  # the ends of a path
    "paths.chain.Chain.log_alpha_bar": (-math.inf,),  # a chain that ends in pure noise
    "metrics.copies.moved.*": (0, -1),
    "*.reach": (0,),
    "plots.attention.looks.patch": (0,),
    "plots.transformer.stack.listening": (0,),
    "page.attention.*.digit": (0,),
    "page.attention.*.patch": (0,),
    "page.square.mosaic.gap": (0,),
    "page.steering.show.angle": (0,),
    "page.transport.Shape.*": (0, -1),  # of a place or an angle; the widths refuse them
    "plots.letters.leaves.trails": (0,),
    "*.start": (0, -1),
    "page.report.*.power": (0, -1),
    "plots.orders.falling.slopes": (0, -1),
    "data.mnist.all_labels.n": (0,),
    "*canvas*.numbers": (0,),  # the number 00
    "samplers.named.parts.n": (0,),
    "losses.uniform_time.n": (0,),
    "samplers.affine.push_forward.y": (0,),  # a label
    "*.label": (0,),
    "*.shape": (0,),  # an empty batch
    "exact.small_rank.excess*.rank": (0,),  # the predictor that says nothing
    "exact.small_rank.excess_on_subspace.data_dims": (0,),  # pure noise
    "nets.dit*.classes": (0,),  # a net that is told no label
    "nets.unet.UNet.classes": (0,),  # a net that is told no label
}
# "function.argument" → what the message calls it, where that is another word
CALLED = {
    "likelihood.gaussian_chain.chain_at.times": "(times|t)",
    "exact.gaussians.GaussianMixture.normal.mean": "means",
    "exact.gaussians.GaussianMixture.normal.cov": "covs",
    "exact.guided.guided_ode_std_at.start": "t",
    "guidance.operators.operator.constant.value": "a",  # as it is told
    "samplers.affine.push_forward.mean": "means",
    "samplers.affine.push_forward.cov": "covs",
    "metrics.images.check_features.sets": "x",  # the set is named, not the sets
    "p*.preference.*.preference": "preferences",
    "plots.images.digit_strip.rows": "images",
    "plots.*.ticks": "values",  # of log_ticks, which sets them
    "samplers.ancestral.*.s": "t",
    "samplers.recurrence.*.s": "t",
    "samplers.transition.*.s": "t",
}
# "function.argument" → more values that it refuses
REFUSED_TOO = {
    "*.std": (0, -1),
    "*.[s]_[cu]": (0, -1),
    "*.start_std": (0,),
    "*.noise_std": (0, -1),
    "*.data_std": (0, -1),
    "*.tolerance": (0, -1),
    "*.height": (0,),
    "plots.*.width": (0,),
    "plots.images.*.scale": (0,),
    "*.extent": (0,),
    "*.half": (0,),
    "*.threshold": (0, 1.5),
    "*.decay": (1, -0.5),
    "*.warmup": (1, -0.5),
    "*.dropout": (1.5, -0.5),
    "*.between": (1.5, -0.5),
    "*.phi": (1.5, -0.5),
    "*.eta": (1.5, -0.5),
    "*.momentum": (1, -0.5),
    "samplers.*.lr": (0, -1),
    "samplers.*.size": (0, -1),
    "*.radius": (0, -1),
    "*.turns": (0,),
    "*.bandwidth": (0, -1, 1e-200),
    "*.rho": (0,),
    "*.sigma_max": (0,),
    "*.sigma_data": (0,),
    "*.beta_m*": (0,),
    "*.t_m*": (-0.5, 1.5),
    "page.square.walk.side": (4, 8),
    "*.separation": (0,),
    "*.clip": (0,),
    "*.ratio": (0, -1),
    "exact.*.level": (0, -1),
    "exact.*.distortion": (0, -1),
    "exact.linear_vae.LinearVAE.variance": (0, -1),
    "exact.linear_vae.LinearVAE.beta": (0, -1),
    "exact.reductions.level_of.weight": (0, -1),
    "losses.vae_loss.weight": (0, -1),
    "data.canvases.*.side": (31,),
    "*.cpu_seconds": (0,),
    "*.max_frequency": (1,),
    "*.low": (-0.5, 1.5),
    "*.high": (-0.5, 1.5),
    "page.explorer.*.time": (-0.5, 1.5),
    "page.digit.digit_in_page.*": (10_000,),
    "metrics.points.*.[xy]": (torch.ones(0, 2), torch.ones(2, 0)),
}
