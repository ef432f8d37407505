// Loads Compose files as `docker compose` does (its schema, its consistency rules) and prints the project that comes of them.
// Use: compose-check FILE ...; exit code 1 with what is wrong.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithName("routewatch"), cli.WithOsEnv, cli.WithDotEnv, cli.WithProfiles([]string{"*"}))
	if err == nil {
		project, failure := options.LoadProject(context.Background())
		if err = failure; err == nil {
			var json []byte
			if json, err = project.MarshalJSON(); err == nil {
				fmt.Println(string(json))
				return
			}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
