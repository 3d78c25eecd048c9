// Deployment files before those whose formats they are in: docker-compose.yml before the Compose specification's own
// loader and schema, the overlays before kustomize, and what comes out of them before the types of the Kubernetes API,
// strictly: an unknown or doubled field is a fault.
//
//	go run . compose FILE
//	go run . kubernetes FOLDER…
//
// Says one line for each thing read; ends with 1 and the fault in words.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: compose FILE | kubernetes FOLDER…")
		os.Exit(2)
	}
	check := kubernetes
	if os.Args[1] == "compose" {
		check = compose
	}
	for _, path := range os.Args[2:] {
		if err := check(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func compose(path string) error {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithName("sanfang"), cli.WithConsistency(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	for _, name := range project.ServiceNames() {
		fmt.Printf("service %s\n", name)
	}
	return nil
}

func kubernetes(folder string) error {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return err
	}
	decoder, err := strict()
	if err != nil {
		return err
	}
	for _, resource := range built.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return err
		}
		_, kind, err := decoder.Decode(text, nil, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", resource.CurId(), err)
		}
		fmt.Printf("%s %s/%s\n", strings.TrimSuffix(kind.GroupVersion().String()+"/"+kind.Kind, "/"), resource.GetNamespace(), resource.GetName())
	}
	return nil
}

func strict() (runtime.Decoder, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(), nil
}
