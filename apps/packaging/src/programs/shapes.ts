// Only type-checked: the packed declarations must still know every shape, or an expected error is missing.
import { makeMoons } from "@nn/datasets";
import { crossEntropy, dense, sequential } from "@nn/model";
import { compile, grad, matmul, mean, square, subtract, type Tensor, tensor } from "@nn/tensor";
import { fit, sgd } from "@nn/train";

const loss = (w: Tensor<[3, 1]>, x: Tensor<[8, 3]>, y: Tensor<[8, 1]>) => mean(square(subtract(matmul(x, w), y)));
compile(grad(loss));

// @ts-expect-error Inner sizes differ: 3 and 2.
matmul(tensor([[1, 2, 3]]), tensor([[1, 2]]));

const options = { loss: crossEntropy(), optimizer: sgd({ learningRate: 0.5 }), epochs: 1, batchSize: 32, seed: 0 };
// @ts-expect-error Moons have two features; this model takes three.
await fit(sequential([3], dense(2)), makeMoons({ samples: 200, noise: 0.2, seed: 0 }), options);
