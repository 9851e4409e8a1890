package member

import (
	"context"
	"flag"
	"fmt"
	"net/url"

	"go.etcd.io/etcd/server/v3/embed"
)

// quota is how large etcd's database may become: the largest that its documentation recommends.
const quota = 8 << 30

// etcd runs a member of an etcd cluster, with etcd's default settings but for the quota.
func etcd(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("etcd", flag.ContinueOnError)
	name := flags.String("name", "", "name of this member")
	dir := flags.String("data", "", "directory of its data")
	client := flags.String("client", "", "URL that clients connect to")
	peer := flags.String("peer", "", "URL that other members connect to")
	cluster := flags.String("cluster", "", "all members: name=URL,…")
	if err := flags.Parse(args); err != nil {
		return err
	}
	settings, err := etcdSettings(*name, *dir, *client, *peer)
	if err != nil {
		return err
	}
	settings.InitialCluster = *cluster
	started, err := embed.StartEtcd(settings)
	if err != nil {
		return err
	}
	defer started.Close()
	select {
	case <-ctx.Done():
		return nil
	case err := <-started.Err():
		return fmt.Errorf("etcd: %w", err)
	}
}

func etcdSettings(name, dir, client, peer string) (*embed.Config, error) {
	clientURL, err := url.Parse(client)
	if err != nil {
		return nil, err
	}
	peerURL, err := url.Parse(peer)
	if err != nil {
		return nil, err
	}
	settings := embed.NewConfig()
	settings.Name, settings.Dir = name, dir
	settings.ListenClientUrls, settings.AdvertiseClientUrls = []url.URL{*clientURL}, []url.URL{*clientURL}
	settings.ListenPeerUrls, settings.AdvertisePeerUrls = []url.URL{*peerURL}, []url.URL{*peerURL}
	settings.QuotaBackendBytes = quota
	settings.LogLevel = "error"
	return settings, nil
}
