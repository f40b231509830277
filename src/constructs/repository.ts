import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { Fn, type IResolvable } from "cdktf";
import { Construct } from "constructs";

export interface RepositoryProps {
  readonly repositoryName: string;
  /** Tags whose images never expire. */
  readonly keptTags: readonly string[];
  /** Whether deleting the repository deletes its images. */
  readonly forceDelete: IResolvable;
}

const UNTAGGED_DAYS = 14;
const IMAGES_KEPT = 50;

/** An ECR repository that scans what is pushed and clears away what nobody runs any more. */
export class Repository extends Construct {
  public readonly url: string;

  constructor(scope: Construct, id: string, props: RepositoryProps) {
    super(scope, id);

    const repository = new EcrRepository(this, id, {
      name: props.repositoryName,
      imageTagMutability: "MUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      forceDelete: props.forceDelete,
    });
    this.url = repository.repositoryUrl;

    new EcrLifecyclePolicy(this, `${id}_lifecycle`, {
      repository: repository.name,
      policy: Fn.jsonencode({
        // An image that one rule selects is out of reach of the rules after it, so the first rules, which
        // never find two images to choose from, keep theirs.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
        rules: [
          ...props.keptTags.map((tag) => ({
            description: `Keep the image that is tagged ${tag}`,
            selection: {
              tagStatus: "tagged",
              tagPatternList: [tag],
              countType: "imageCountMoreThan",
              countNumber: 1,
            },
          })),
          {
            description: `Expire untagged images after ${UNTAGGED_DAYS} days`,
            selection: {
              tagStatus: "untagged",
              countType: "sinceImagePushed",
              countUnit: "days",
              countNumber: UNTAGGED_DAYS,
            },
          },
          {
            description: `Keep the newest ${IMAGES_KEPT} images`,
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: IMAGES_KEPT },
          },
        ].map((rule, index) => ({ rulePriority: index + 1, ...rule, action: { type: "expire" } })),
      }),
    });
  }
}
