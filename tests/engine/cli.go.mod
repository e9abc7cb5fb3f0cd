module pulumi-cli

go 1.26

require (
	github.com/pulumi/pulumi/pkg/v3 v3.274.0
	github.com/pulumi/pulumi/sdk/v3 v3.274.0
)

// Pulumi's own module says so too, and a replacement counts in the main module alone.
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e

tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
